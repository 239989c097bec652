"""What the demo consists of: two registered models, their versions, and runs that led nowhere."""

from dataclasses import dataclass, field

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from core.catalog.store import PRODUCTION
from core.lifecycle.training import Recipe

TREES = ("sklearn.tree._tree.Tree",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVersion:
    """A recipe whose model is registered, and where it stands in the registry."""

    recipe: Recipe
    stage: str = "None"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoModel:
    """A registered model with its experiment; versions are numbered in this order, from 1."""

    name: str
    description: str
    experiment: str
    tags: dict[str, str] = field(default_factory=dict)
    versions: tuple[DemoVersion, ...]
    unregistered: tuple[Recipe, ...] = ()
    failing: tuple[Recipe, ...] = ()  # mistakes that scikit-learn refuses

    @property
    def steps(self) -> int:
        """Number of models that are trained, or tried."""
        return len(self.versions) + len(self.unregistered) + len(self.failing)


PASSENGER = ("Pclass", "Sex", "Age", "Fare")

TITANIC = DemoModel(
    name="titanic-survival",
    description=(
        "Who survived the Titanic, from class, sex, age and fare: the classic tutorial. "
        "Version 1, in Production, knows class and fare only."
    ),
    experiment="titanic",
    tags={"data": "titanic", "task": "binary"},
    versions=(
        DemoVersion(
            recipe=Recipe(
                name="class-and-fare",
                description="The first attempt: logistic regression on class and fare alone.",
                estimator=LogisticRegression(),
                features=("Pclass", "Fare"),
            ),
            stage=PRODUCTION,
            aliases=("production",),
        ),
        DemoVersion(
            recipe=Recipe(
                name="logistic-regression",
                description="Logistic regression on all four columns.",
                estimator=LogisticRegression(max_iter=1000),
                features=PASSENGER,
            ),
        ),
        DemoVersion(
            recipe=Recipe(
                name="small-forest",
                description="A forest of 25 shallow trees.",
                estimator=RandomForestClassifier(n_estimators=25, max_depth=4, random_state=0),
                features=PASSENGER,
                trusted_types=TREES,
            ),
        ),
        DemoVersion(
            recipe=Recipe(
                name="deep-forest",
                description="A forest of trees grown to the last row. It knows its training rows by heart.",
                estimator=RandomForestClassifier(n_estimators=100, max_features=None, random_state=0),
                features=PASSENGER,
                trusted_types=TREES,
            ),
            stage="Archived",
        ),
        DemoVersion(
            recipe=Recipe(
                name="gradient-boosting",
                description="Gradient boosting, 100 small steps of depth 3.",
                estimator=GradientBoostingClassifier(
                    n_estimators=100, learning_rate=0.05, max_depth=3, random_state=0
                ),
                features=PASSENGER,
                trusted_types=TREES,
            ),
            stage="Staging",
        ),
        DemoVersion(
            recipe=Recipe(
                name="one-hot-and-scaled",
                description="Class and sex one-hot, age and fare scaled, then logistic regression.",
                estimator=Pipeline(
                    [
                        (
                            "prepare",
                            ColumnTransformer(
                                [
                                    ("one_hot", OneHotEncoder(handle_unknown="ignore"), ["Pclass", "Sex"]),
                                    ("scale", StandardScaler(), ["Age", "Fare"]),
                                ]
                            ),
                        ),
                        ("classify", LogisticRegression(C=0.3)),
                    ]
                ),
                features=PASSENGER,
            ),
        ),
    ),
    unregistered=(
        Recipe(
            name="sex-only",
            description="How far does one column go?",
            estimator=LogisticRegression(),
            features=("Sex",),
        ),
        Recipe(
            name="logistic-regression-regularised",
            description="Logistic regression, held back hard.",
            estimator=LogisticRegression(C=0.01, max_iter=1000),
            features=PASSENGER,
        ),
        Recipe(
            name="forest-depth-8",
            description="Between the small forest and the deep one.",
            estimator=RandomForestClassifier(n_estimators=50, max_depth=8, random_state=0),
            features=PASSENGER,
            trusted_types=TREES,
        ),
        Recipe(
            name="gradient-boosting-fast",
            description="Gradient boosting with steps that are too large.",
            estimator=GradientBoostingClassifier(learning_rate=0.5, max_depth=3, random_state=0),
            features=PASSENGER,
            trusted_types=TREES,
        ),
        Recipe(
            name="naive-bayes",
            description="Gaussian naive Bayes, for comparison.",
            estimator=GaussianNB(),
            features=PASSENGER,
        ),
    ),
    failing=(
        Recipe(
            name="logistic-regression-l1",
            description="Meant to drop columns; this solver cannot.",
            estimator=LogisticRegression(l1_ratio=1.0, solver="lbfgs"),
            features=PASSENGER,
        ),
    ),
)

NUCLEUS = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)
MEANS = tuple(f"mean {part}" for part in NUCLEUS)
MEASUREMENTS = (*MEANS, *(f"{part} error" for part in NUCLEUS), *(f"worst {part}" for part in NUCLEUS))


def _scaled(classifier: LogisticRegression | LinearSVC) -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("classify", classifier)])


BREAST_CANCER = DemoModel(
    name="breast-cancer",
    description="乳房腫瘤の細胞核を測った値から、悪性か良性かを判別するモデル。陽性は悪性 (malignant)。",
    experiment="breast-cancer",
    tags={"data": "breast_cancer", "task": "binary"},
    versions=(
        DemoVersion(
            recipe=Recipe(
                name="means-only",
                description="平均値10項目だけを使うロジスティック回帰。",
                estimator=_scaled(LogisticRegression()),
                features=MEANS,
            ),
            stage="Archived",
        ),
        DemoVersion(
            recipe=Recipe(
                name="all-measurements",
                description="全30項目を標準化したロジスティック回帰。",
                estimator=_scaled(LogisticRegression()),
                features=MEASUREMENTS,
            ),
            stage=PRODUCTION,
            aliases=("production",),
        ),
        DemoVersion(
            recipe=Recipe(
                name="linear-svm",
                description="線形SVM。順位は付くが確率は出さない。",
                estimator=_scaled(LinearSVC(C=0.1, random_state=0)),
                features=MEASUREMENTS,
            ),
        ),
    ),
    unregistered=(
        Recipe(
            name="forest",
            description="A forest of 50 trees, as a second opinion.",
            estimator=RandomForestClassifier(n_estimators=50, random_state=0),
            features=MEASUREMENTS,
            trusted_types=TREES,
        ),
    ),
)

MODELS = (TITANIC, BREAST_CANCER)
