from apps.desk.management.commands.write_data_model import PATH, written


def test_the_page_of_the_data_model_says_what_the_models_say():
    assert PATH.read_text(encoding="utf-8") == written(), "run `manage.py write_data_model`"
