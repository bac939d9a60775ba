"""nbgrader's view of this course. Paths are relative to this file."""

from pathlib import Path

c = get_config()  # nbgrader provides this name

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "architectures"
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "build/release"
c.CourseDirectory.submitted_directory = "build/submitted"
c.CourseDirectory.autograded_directory = "build/autograded"
c.CourseDirectory.feedback_directory = "build/feedback"
c.CourseDirectory.solution_directory = "build/solution"
c.CourseDirectory.db_url = "sqlite:///" + str(Path(__file__).resolve().parent / "build" / "gradebook.db")
# nbgrader copies what lies beside a notebook into the release: never let a source or a solution be among it.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "*.py", "*.md", "*.yml"]

c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"

# A deleted check cell comes back before it is graded; without this its points would not count.
c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = 120
c.Execute.kernel_name = "python3"
