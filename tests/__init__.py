"""The tests, in folders like those of the code; what several share lies in modules that are no tests themselves."""

import pytest

# As in tests: an assertion that fails says what it compared.
pytest.register_assert_rewrite("tests.core.commands", "tests.core.pretraining.runs", "tests.dashboard.harness")
