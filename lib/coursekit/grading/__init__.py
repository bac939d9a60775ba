"""From the bytes of a submission to grades and feedback: intake, rebuild, run, judge, record, report."""
