"""The figure of the chapter on LeNet in an empty page: its maps and distances against those of the network."""

from collections.abc import Iterator

import pytest
import torch
from browsing import alone
from playwright.sync_api import Browser, Page
from torch.testing import assert_close

from dlarch import data
from dlarch.play.lenet import LARGEST, LAYERS, Maps, through
from dlarch.vision.lenet import TABLE, LeNet5, framed

SHOWN = """async (layer) => {
    const select = document.querySelectorAll('.play-live select')[1];
    select.selectedIndex = [...select.options].findIndex((option) => option.textContent === layer);
    select.dispatchEvent(new Event('change'));
    const images = [...document.querySelectorAll('.play-picture g:nth-of-type(1) image')];
    return Promise.all(images.map(async (mark) => {
        const image = new Image();
        image.src = mark.getAttribute('href');
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = image.width; canvas.height = image.height;
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const data = context.getImageData(0, 0, image.width, image.height).data;
        return [...Array(image.width * image.height).keys()].map((i) => data[4 * i]);
    }));
}"""


def network() -> LeNet5:
    """A network whose units take all values, and are not trained for long."""
    torch.manual_seed(0)
    model = LeNet5()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4)
    return model.eval()


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    known = data.digits()
    return framed(known.x_test[:3]), known.y_test[:3]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with alone(browser, Maps.of(network(), *digits())) as page:
        yield page


def told(page: Page) -> str:
    return page.inner_text(".play-readout")


def test_the_states_that_are_shown_lead_to_the_scores_of_the_network():
    model, (x, _) = network(), digits()
    states = through(model, x)
    assert_close(model.head(states["F6"]), model(x))
    assert [tuple(state.shape[1:]) for state in states.values()] == [
        *[(1, 32, 32), (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120, 1, 1), (84,)]
    ]


def test_every_layer_of_the_second_digit_shows_the_states_of_the_network(page: Page):
    page.get_by_label("Digit", exact=True).select_option(index=1)
    states = through(network(), digits()[0])
    for name, (maps, height, width) in LAYERS.items():
        state = states[name][1].reshape(maps, height * width)
        wanted = (state + 0.1) / 1.275 if name == "image" else (state + LARGEST) / (2 * LARGEST)
        shown = torch.tensor(page.evaluate(SHOWN, name)[:maps], dtype=torch.float32)
        assert (shown - 255 * wanted).abs().max() <= 0.51, name


def test_the_answer_is_the_nearest_code_and_the_distances_are_the_networks(page: Page):
    scores = network()(digits()[0])
    page.evaluate(SHOWN, "distances")
    best = int(scores[0].argmax())
    assert told(page).startswith(f"Nearest is the code of {best}, at {-scores[0, best].item():.1f}.")
    bars = page.locator(".play-picture g:nth-of-type(1) rect").evaluate_all("b => b.map(r => +r.getAttribute('width'))")
    wanted = (250 * scores[0] / scores[0].min()).tolist()
    assert bars == pytest.approx(wanted, abs=0.5)


def test_a_map_of_c3_names_and_shows_what_the_table_lets_it_read(page: Page):
    page.evaluate(SHOWN, "C3")
    for number, row in ((0, TABLE[0]), (13, TABLE[13]), (15, TABLE[15])):
        page.locator(".play-picture g:nth-of-type(1) image").nth(number).click()
        assert told(page) == f"Map {number} of C3 reads maps {', '.join(map(str, row))} of S2."
        faint = page.locator(".play-picture g:nth-of-type(2) image").evaluate_all(
            "marks => marks.map(m => m.getAttribute('opacity') !== '1')"
        )
        assert [i for i, off in enumerate(faint) if not off] == list(row)


def test_a_click_on_a_layer_chooses_it_and_a_map_it_lacks_becomes_its_last(page: Page):
    page.evaluate(SHOWN, "C3")
    page.locator(".play-picture g:nth-of-type(1) image").nth(15).click()
    page.locator(".play-picture > rect").nth(2).click()
    assert page.get_by_label("Layer").input_value() == "S2"
    assert told(page) == "Map 5 of S2 reads map 5 of C1."


def test_every_control_is_named_and_works_by_keyboard(page: Page):
    for label, key in (("Digit", "ArrowDown"), ("Layer", "ArrowDown"), ("Map", "ArrowRight")):
        before = page.get_attribute(".play-picture", "aria-label")
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press(key)
        assert page.get_attribute(".play-picture", "aria-label") != before, label


def test_nothing_is_drawn_outside_the_picture(page: Page):
    for layer in (*LAYERS, "distances"):
        page.evaluate(SHOWN, layer)
        outside = page.evaluate("""() => {
            const frame = document.querySelector('.play-picture').viewBox.baseVal;
            return [...document.querySelectorAll('.play-picture :is(rect, text, image)')].filter((mark) => {
                const box = mark.getBBox();
                return box.x < 0 || box.y < 0 || box.x + box.width > frame.width || box.y + box.height > frame.height;
            }).map((mark) => mark.outerHTML.slice(0, 120));
        }""")
        assert outside == [], layer
