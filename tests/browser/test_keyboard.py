"""What a person without a mouse does: answering, looking around, asking for the keys."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.canvas import Open

CANVAS = "() => document.activeElement?.classList.contains('wfnb-canvas')"
ANSWER = "name => document.activeElement?.dataset.answer === name"


def asked(open_canvas: Open) -> Locator:
    """The form of a run that asks."""
    drawing = open_canvas("whole", 1400)
    drawing.run(orders="[1, 2]", when="now")
    form = drawing.root.locator('[data-approval="review"]')
    expect(form).to_be_visible()
    return form


def test_the_keyboard_goes_to_what_is_wrong_and_at_last_to_the_drawing(open_canvas: Open, page: Page) -> None:
    form = asked(open_canvas)
    form.locator('[data-answer="stars"]').focus()
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    page.wait_for_function(ANSWER, arg="stars")
    expect(form).to_contain_text("A whole number is needed")
    form.locator('[data-answer="why"]').focus()
    page.keyboard.type("because")
    page.wait_for_function(ANSWER, arg="why")
    form.locator('[data-answer="stars"]').fill("9")
    form.locator('[data-answer="size"]').select_option("large")
    form.locator('[data-action="answer"]').focus()
    page.keyboard.press("Enter")
    expect(form).to_contain_text("'stars' is more than 5")
    page.wait_for_function(ANSWER, arg="stars")
    form.locator('[data-answer="stars"]').fill("4")
    form.locator('[data-action="answer"]').focus()
    page.keyboard.press("Enter")
    expect(form).to_have_count(0)
    page.wait_for_function(CANVAS)


def test_the_next_form_has_the_keyboard_after_the_one_before(open_canvas: Open, page: Page) -> None:
    form = asked(open_canvas)
    page.evaluate(
        """() => {
            const [first, second] = ['review', 'audit'].map(node => ({ node, prompt: 'Sure?', form: {} }));
            const tell = approvals => keeper.tell({ type: 'approvals', run: 'r1', approvals });
            keeper.answer = () => tell([second]);
            tell([first, second]);
        }"""
    )
    form.locator('[data-action="approve"]').focus()
    page.keyboard.press("Enter")
    expect(form).to_have_count(0)
    page.wait_for_function("() => document.activeElement?.closest('[data-approval=audit]')")


def test_a_key_lists_the_keys_and_gives_the_keyboard_back(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.canvas.focus()
    page.keyboard.press("?")
    told = page.get_by_role("dialog", name="Keys")
    expect(told).to_contain_text("Select everything")
    expect(told.get_by_role("button")).to_be_focused()
    page.keyboard.press("Escape")
    expect(told).to_have_count(0)
    page.wait_for_function(CANVAS)
    for closing in ("Escape", "?"):  # who went on with the drawing meanwhile closes the list from there
        page.keyboard.press("?")
        drawing.canvas.focus()
        expect(told).to_be_visible()
        page.keyboard.press(closing)
        expect(told).to_have_count(0)
    drawing.press("keys")
    told.get_by_role("button").click()
    expect(told).to_have_count(0)
    name = drawing.root.locator('[data-field="name"]')
    name.fill("why?")
    expect(name).to_have_value("why?")
    expect(told).to_have_count(0)


def test_fit_stays_readable_and_shows_everything_when_asked_again(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 900)
    zoom = drawing.root.locator('[data-action="zoom"]')
    done = drawing.root.locator('.wfnb-card[data-id="done"]')
    drawing.canvas.focus()
    expect(zoom).to_have_text("55 %")
    expect(drawing.card("start")).to_be_visible()
    expect(done).to_have_count(0)  # out of view
    for key, percent in {"f": "34 %", "F": "55 %", "Shift+Digit1": "34 %", "+": "41 %"}.items():
        page.keyboard.press(key)
        expect(zoom).to_have_text(percent)
    for percent in ("55 %", "34 %", "55 %"):
        drawing.press("fit")
        expect(zoom).to_have_text(percent)


def test_fit_leads_to_the_problem_where_not_all_is_in_view(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 900)
    page.evaluate(
        """() => {
            const message = 'no way on';
            const problems = [{ code: 'WF3', severity: 'error', message, nodes: ['stopped'] }];
            keeper.tell({ type: 'checked', revision: 1, problems, properties: [], ms: 1 });
        }"""
    )
    expect(drawing.root.locator(".wfnb-footer")).to_contain_text("no way on")
    expect(drawing.card("stopped")).to_have_count(0)
    page.keyboard.press("Escape")
    drawing.canvas.focus()
    page.keyboard.press("+")
    page.keyboard.press("f")
    expect(drawing.card("stopped")).to_be_visible()
    expect(drawing.card("start")).to_have_count(0)


def test_the_name_is_cut_last_and_the_footer_counts_every_property(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("", 1000)
    heading = drawing.root.locator(".wfnb-heading")
    assert heading.evaluate("element => element.scrollWidth <= element.clientWidth")
    expect(heading).to_have_attribute("title", "review")
    footer = drawing.root.locator(".wfnb-footer .wfnb-dim").last
    expect(footer).to_contain_text("✓ 10 proved")
    page.evaluate(
        """() => {
            const of = (verdict, count) =>
                Array.from({ length: count }, (_, i) => ({ name: `${verdict} ${i}`, verdict }));
            const properties = [...of('proved', 6), ...of('unknown', 2), ...of('refuted', 2)];
            keeper.tell({ type: 'checked', revision: 1, problems: [], properties, ms: 1 });
        }"""
    )
    expect(footer).to_contain_text("✕ refuted 0 · ✕ refuted 1 · ✓ 6 proved · ? 2 not known")
