"""The words of a report in English and Spanish; the seed's own table is the Spanish one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """The languages that a report can be written in."""

    EN = "en"
    ES = "es"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every word of a story's report; ``{...}`` are filled in by the writer."""

    title: str
    metric: str
    csv: str
    parquet: str
    improvement: str
    data_scanned: str
    cost: str
    reference: str
    run_time: str
    less: str
    more: str
    same: str
    cheaper: str
    dearer: str
    faster: str
    slower: str
    too_short: str
    queries: str
    storage: str
    table: str
    location: str
    objects: str
    stored: str
    columns: str
    beside: str
    service: str
    quantity: str
    s3_gets: str
    s3_puts: str
    s3_storage: str
    for_a_month: str
    crawler: str
    of_a_dpu: str
    capacity: str
    four_dpus: str
    note_same_rows: str
    median_times: str
    single_times: str
    note_cost: str
    unverified: str
    note_minimum: str
    note_ctas: str
    note_total: str
    lake_is_gone: str
    lake_is_at: str
    files_are_at: str
    report_is_at: str
    json_is_at: str


_ENGLISH = Words(
    title="{rows} sales, seed {seed}, target {target} ({region})",
    metric="Metric",
    csv="CSV (row-based)",
    parquet="Parquet (columnar)",
    improvement="Improvement",
    data_scanned="Data scanned",
    cost="Cost",
    reference="100% (reference)",
    run_time="Run time",
    less="{share} less",
    more="{share} more",
    same="the same",
    cheaper="{share} cheaper",
    dearer="{share} dearer",
    faster="{times}x faster",
    slower="{times}x slower",
    too_short="too short to tell",
    queries="Every query, asked of both tables",
    storage="The two tables",
    table="Table",
    location="Location",
    objects="Objects",
    stored="Stored",
    columns="Columns",
    beside="Billed beside the scans, at least, and not in their cost",
    service="Service",
    quantity="Quantity",
    s3_gets="S3 GET requests",
    s3_puts="S3 PUT requests",
    s3_storage="S3 storage",
    for_a_month="{size} for a month",
    crawler="Glue crawler",
    of_a_dpu="{runs} x 10 minutes of a DPU",
    capacity="a capacity reservation instead of bytes",
    four_dpus="4 DPUs for a minute",
    note_same_rows="Both tables gave the same rows to every query. Bytes are what Athena reports as scanned; "
    "{times}.",
    median_times="times are its engine times, medians of up to {runs} runs after a first one",
    single_times="times are its engine times of one run",
    note_cost="Cost is bytes scanned at the list price of {price} per TB ({region}, since {since}{sure}).",
    unverified=", not verified",
    note_minimum="As billed, Athena rounds each query up to whole megabytes with a minimum of 10 MB: "
    "the query of the first table is billed {csv} on CSV and {parquet} on Parquet.",
    note_ctas="The CTAS statement scanned {scanned} once (billed {billed}) and took {time}.",
    note_total="All statements of this story together would be billed {total} by Athena.",
    lake_is_gone="The lake was made for this run and is gone; --keep leaves it as plain files.",
    lake_is_at="Lake:   {place} and Glue database {database} on {target}",
    files_are_at="Files:  {raw} and {curated}",
    report_is_at="Report: {markdown} and {json}",
    json_is_at="JSON:   {path}",
)

_SPANISH = Words(
    title="{rows} ventas, semilla {seed}, destino {target} ({region})",
    metric="Métrica",
    csv="CSV (Basado en Filas)",
    parquet="Parquet (Columnar)",
    improvement="Mejora",
    data_scanned="Datos Escaneados",
    cost="Costo",
    reference="100% (Referencia)",
    run_time="Rendimiento",
    less="{share} de Reducción",
    more="{share} más",
    same="igual",
    cheaper="{share} Más Barato",
    dearer="{share} Más Caro",
    faster="{times}x Más Rápido",
    slower="{times}x Más Lento",
    too_short="demasiado breve para medir",
    queries="Cada consulta, hecha a las dos tablas",
    storage="Las dos tablas",
    table="Tabla",
    location="Ubicación",
    objects="Objetos",
    stored="Almacenado",
    columns="Columnas",
    beside="Se factura además de los escaneos, como mínimo, y no entra en su costo",
    service="Servicio",
    quantity="Cantidad",
    s3_gets="Peticiones GET a S3",
    s3_puts="Peticiones PUT a S3",
    s3_storage="Almacenamiento en S3",
    for_a_month="{size} durante un mes",
    crawler="Crawler de Glue",
    of_a_dpu="{runs} x 10 minutos de una DPU",
    capacity="una reserva de capacidad en vez de bytes",
    four_dpus="4 DPU durante un minuto",
    note_same_rows="Las dos tablas dieron las mismas filas en cada consulta. Los bytes son los que Athena "
    "declara escaneados; {times}.",
    median_times="los tiempos son los de su motor, medianas de hasta {runs} ejecuciones tras una primera",
    single_times="los tiempos son los de su motor en una ejecución",
    note_cost="El costo son los bytes escaneados al precio de lista de {price} por TB "
    "({region}, desde {since}{sure}).",
    unverified=", sin verificar",
    note_minimum="En la factura, Athena redondea cada consulta a megabytes enteros con un mínimo de 10 MB: "
    "la consulta de la primera tabla se factura a {csv} en CSV y a {parquet} en Parquet.",
    note_ctas="La sentencia CTAS escaneó {scanned} una vez (factura: {billed}) y tardó {time}.",
    note_total="Todas las sentencias de esta historia costarían {total} en la factura de Athena.",
    lake_is_gone="El lago se hizo para esta ejecución y ya no existe; --keep lo deja en ficheros.",
    lake_is_at="Lago:     {place} y la base de datos Glue {database} en {target}",
    files_are_at="Ficheros: {raw} y {curated}",
    report_is_at="Informe:  {markdown} y {json}",
    json_is_at="JSON:     {path}",
)


def words_of(language: Language) -> Words:
    """The words of a language."""
    return {Language.EN: _ENGLISH, Language.ES: _SPANISH}[language]
