"""The words of a run's report in English and Spanish; the first table's are the seed's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakebench.bench.history import LeftOut
from lakebench.report.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWords:
    """Every word of a run's report beside those of ``Words``; ``{...}`` are filled in by the writer."""

    language: str
    title: str
    about: str
    headline: str
    no_headline: str
    full_scan: str
    selective_scan: str
    within_noise: str
    note_cost_share: str
    contents: str
    theme: str
    theme_auto: str
    theme_light: str
    theme_dark: str
    warnings: str
    no_warnings: str
    warned: str
    warning_kinds: Mapping[str, str]
    what: str
    value: str
    performance: str
    columns_not_told: str
    note_orc: str
    layouts_side_by_side: str
    queries: str
    query: str
    layout: str
    data_format: str
    scanned: str
    all_queries: str
    against: str
    billed: str
    billed_once: str
    engine_time: str
    fastest_slowest: str
    warm_up: str
    median: str
    rows: str
    row_groups: str
    partitions: str
    objects: str
    bytes_by_query: str
    bytes_by_query_note: str
    charts_left_out: str
    bytes_and_time: str
    bytes_and_time_note: str
    zero_points: str
    month: str
    month_note: str
    scans_a_month: str
    storage_a_month: str
    total_a_month: str
    storage_against_scans: str
    storage_price: str
    storage_refused: str
    history: str
    history_note: str
    history_alone: str
    history_left_out: str
    left_out: Mapping[LeftOut, str]
    run: str
    started: str
    version: str
    commit: str
    none: str
    where_bytes_go: str
    where_bytes_go_note: str
    not_explained: str
    whole_objects: str
    read_of_columns: str
    more_columns: str
    column_bytes: str
    not_read: str
    other_partitions: str
    other_row_groups: str
    other_columns: str
    not_listed: str
    of: str
    statement: str
    at_most: str
    environment: str
    made_with: str
    footer: str
    target: str
    region: str
    seed: str
    price: str
    took: str
    machine: str
    cores: str
    rounds: str
    stored: str
    note_exact: str
    note_time: str
    note_time_once: str


_ENGLISH = RunWords(
    language="en",
    title="{suite}: {rows} rows in {layouts} layouts",
    about="Run {run}, {started}, target {target} ({region}), seed {seed}",
    headline="CSV against Parquet: query {query} on {csv} and {parquet}",
    no_headline="This run has no CSV or no Parquet layout: there is no table of CSV against Parquet.",
    full_scan="Full scan",
    selective_scan="Selective scan",
    within_noise="no difference beyond the noise",
    note_cost_share="Cost is bytes scanned at the list price of {price} per TB. As billed, each query "
    "rounded up "
    "to whole megabytes with a minimum of 10 MB: {csv} on CSV, {parquet} on Parquet.",
    contents="Contents",
    theme="Theme",
    theme_auto="System",
    theme_light="Light",
    theme_dark="Dark",
    warnings="What to doubt",
    no_warnings="The measurement raised no warning.",
    warned="Times of {count} of {total} pairs of query and layout are doubtful; bytes and cost are not.",
    warning_kinds={
        "too_short": "too short to compare times",
        "cold_first_run": "the warm-up was much slower",
        "outlier": "one run was far off the others",
        "noisy": "times scatter: the machine was busy",
    },
    what="What",
    value="Value",
    performance="Performance",
    columns_not_told="its columns are not told",
    note_orc="Bytes of ORC are estimated where the target is local: nobody has published what AWS counts "
    "of it.",
    layouts_side_by_side="The layouts",
    queries="Every query",
    query="Query",
    layout="Layout",
    data_format="Format",
    scanned="Data scanned",
    all_queries="All queries once",
    against="Less than {layout}",
    billed="Billed",
    billed_once="Billed, all queries once",
    engine_time="Engine time",
    fastest_slowest="Fastest to slowest",
    warm_up="Warm-up",
    median="Median",
    rows="Rows",
    row_groups="Row groups",
    partitions="Partitions",
    objects="Objects",
    bytes_by_query="Bytes by query and layout",
    bytes_by_query_note="One panel a query, each on its own scale from zero; the fewest bytes stand out.",
    charts_left_out="Panels of {shown} of {total} queries are drawn, so that the file stays small; the "
    "tables have all.",
    bytes_and_time="Bytes against time",
    bytes_and_time_note="A point is a query on a layout: bytes scanned, and the median of its engine times. "
    "Both scales are logarithmic.",
    zero_points="{count} points with no bytes or less than a millisecond have no place on them.",
    month="Cost in a month",
    month_note="Each query of the suite asked {per_day} times a day for {days} days: {executions} "
    "executions, as "
    "billed. --queries-per-day asks for another rate.",
    scans_a_month="Scans",
    storage_a_month="Storage",
    total_a_month="Together",
    storage_against_scans="Storage against scans, dollars in a month (logarithmic)",
    storage_price="Storage is S3 Standard at {price} a GB-month ({region}, since {since}{sure}).",
    storage_refused="Storage has no dollars here: {why}.",
    history="Over the stored runs",
    history_note="Bytes of all queries asked once, of {count} runs of the same suite, rows, seed and "
    "statements.",
    history_alone="No other stored run can be held beside this one; the line begins with the second.",
    history_left_out="Left out: {reasons}.",
    left_out={
        LeftOut.UNREADABLE: "{count} that cannot be read ({names})",
        LeftOut.BROKEN_OFF: "{count} broken off",
        LeftOut.OTHER_DATA: "{count} of another suite, number of rows, seed, region or target",
        LeftOut.OTHER_QUERIES: "{count} with other statements",
        LeftOut.OLDER: "{count} older ones",
    },
    run="Run",
    started="Started",
    version="lakebench",
    commit="Commit",
    none="none",
    where_bytes_go="Where the bytes go",
    where_bytes_go_note="What each scan opened of all there was, the columns that it read, and what it "
    "left unread.",
    not_explained="Nothing explains the scans of this query: only the emulator does, AWS tells the sum "
    "alone.",
    whole_objects="whole objects",
    read_of_columns="Columns read",
    more_columns="{count} more",
    column_bytes="{name} {size}",
    not_read="Left unread",
    other_partitions="partitions {size}",
    other_row_groups="row groups {size}",
    other_columns="columns {size}",
    not_listed="not listed",
    of="{kept} of {total}",
    statement="Statement",
    at_most="at most {size}",
    environment="Environment",
    made_with="Versions",
    footer="Written by lakebench {version} from {run}. Nothing in this file is loaded from elsewhere.",
    target="Target",
    region="Region",
    seed="Seed",
    price="Price per TB",
    took="Took",
    machine="Machine",
    cores="Cores",
    rounds="Timed rounds",
    stored="Stored",
    note_exact="All layouts gave the same rows to every query. Bytes and cost are exact: what Athena bills.",
    note_time="Times are engine times on the machine that ran it, medians of {rounds} timed rounds; they "
    "are no "
    "promise for AWS.",
    note_time_once="Times are engine times of one round on the machine that ran it: no promise for AWS.",
)

_SPANISH = RunWords(
    language="es",
    title="{suite}: {rows} filas en {layouts} formas de guardarlas",
    about="Ejecución {run}, {started}, destino {target} ({region}), semilla {seed}",
    headline="CSV frente a Parquet: consulta {query} en {csv} y {parquet}",
    no_headline="Esta ejecución no tiene CSV o no tiene Parquet: no hay tabla de CSV frente a Parquet.",
    full_scan="Escaneo Completo",
    selective_scan="Escaneo Selectivo",
    within_noise="sin diferencia mayor que el ruido",
    note_cost_share="El costo son los bytes escaneados al precio de lista de {price} por TB. En la "
    "factura, cada "
    "consulta se redondea a megabytes enteros con un mínimo de 10 MB: {csv} en CSV, {parquet} en Parquet.",
    contents="Contenido",
    theme="Tema",
    theme_auto="Sistema",
    theme_light="Claro",
    theme_dark="Oscuro",
    warnings="De qué dudar",
    no_warnings="La medición no dio ningún aviso.",
    warned="Los tiempos de {count} de {total} pares de consulta y forma son dudosos; bytes y costo no.",
    warning_kinds={
        "too_short": "demasiado breve para comparar tiempos",
        "cold_first_run": "el calentamiento fue mucho más lento",
        "outlier": "una ejecución se apartó mucho de las demás",
        "noisy": "los tiempos se dispersan: la máquina estaba ocupada",
    },
    what="Qué",
    value="Valor",
    performance="Rendimiento",
    columns_not_told="no dice sus columnas",
    note_orc="Los bytes de ORC son una estimación si el destino es local: nadie ha publicado qué cuenta "
    "AWS de él.",
    layouts_side_by_side="Las formas de guardar",
    queries="Cada consulta",
    query="Consulta",
    layout="Forma",
    data_format="Formato",
    scanned="Datos Escaneados",
    all_queries="Todas las consultas una vez",
    against="Menos que {layout}",
    billed="Facturado",
    billed_once="Facturado, todas una vez",
    engine_time="Tiempo del motor",
    fastest_slowest="Más rápido a más lento",
    warm_up="Calentamiento",
    median="Mediana",
    rows="Filas",
    row_groups="Grupos de filas",
    partitions="Particiones",
    objects="Objetos",
    bytes_by_query="Bytes por consulta y forma",
    bytes_by_query_note="Un panel por consulta, cada uno con su escala desde cero; se destaca el menor.",
    charts_left_out="Se dibujan los paneles de {shown} de {total} consultas para que el fichero sea "
    "pequeño; las "
    "tablas las tienen todas.",
    bytes_and_time="Bytes frente a tiempo",
    bytes_and_time_note="Un punto es una consulta en una forma: bytes escaneados y mediana de los tiempos "
    "de su "
    "motor. Las dos escalas son logarítmicas.",
    zero_points="{count} puntos sin bytes o de menos de un milisegundo no tienen sitio en ellas.",
    month="Costo en un mes",
    month_note="Cada consulta hecha {per_day} veces al día durante {days} días: {executions} ejecuciones, "
    "según la "
    "factura. --queries-per-day pide otro ritmo.",
    scans_a_month="Escaneos",
    storage_a_month="Almacenamiento",
    total_a_month="Todo",
    storage_against_scans="Almacenamiento frente a escaneos, dólares al mes (logarítmico)",
    storage_price="El almacenamiento es S3 Standard a {price} por GB y mes ({region}, desde {since}{sure}).",
    storage_refused="El almacenamiento no tiene precio aquí: {why}.",
    history="En las ejecuciones guardadas",
    history_note="Bytes de todas las consultas hechas una vez, en {count} ejecuciones con las mismas "
    "filas, semilla "
    "y sentencias.",
    history_alone="Ninguna otra ejecución guardada se puede poner al lado de esta; la línea empieza con "
    "la segunda.",
    history_left_out="Quedan fuera: {reasons}.",
    left_out={
        LeftOut.UNREADABLE: "{count} que no se pueden leer ({names})",
        LeftOut.BROKEN_OFF: "{count} interrumpidas",
        LeftOut.OTHER_DATA: "{count} de otra batería, número de filas, semilla, región o destino",
        LeftOut.OTHER_QUERIES: "{count} con otras sentencias",
        LeftOut.OLDER: "{count} más antiguas",
    },
    run="Ejecución",
    started="Inicio",
    version="lakebench",
    commit="Commit",
    none="ninguno",
    where_bytes_go="Adónde van los bytes",
    where_bytes_go_note="Lo que cada escaneo abrió de todo lo que había, las columnas que leyó y lo que "
    "dejó sin leer.",
    not_explained="Nada explica los escaneos de esta consulta: solo lo hace el emulador, AWS da solo la "
    "suma.",
    whole_objects="objetos enteros",
    read_of_columns="Columnas leídas",
    more_columns="{count} más",
    column_bytes="{name} {size}",
    not_read="Sin leer",
    other_partitions="particiones {size}",
    other_row_groups="grupos de filas {size}",
    other_columns="columnas {size}",
    not_listed="sin listar",
    of="{kept} de {total}",
    statement="Sentencia",
    at_most="como mucho {size}",
    environment="Entorno",
    made_with="Versiones",
    footer="Escrito por lakebench {version} a partir de {run}. Nada de este fichero se carga de otro sitio.",
    target="Destino",
    region="Región",
    seed="Semilla",
    price="Precio por TB",
    took="Duración",
    machine="Máquina",
    cores="Núcleos",
    rounds="Rondas medidas",
    stored="Almacenado",
    note_exact="Todas las formas dieron las mismas filas en cada consulta. Bytes y costo son exactos: lo "
    "que factura "
    "Athena.",
    note_time="Los tiempos son del motor en la máquina que lo ejecutó, medianas de {rounds} rondas; no "
    "prometen nada "
    "sobre AWS.",
    note_time_once="Los tiempos son del motor en una ronda y en esa máquina; no prometen nada sobre AWS.",
)


def run_words_of(language: Language) -> RunWords:
    """The words of a language."""
    return {Language.EN: _ENGLISH, Language.ES: _SPANISH}[language]
