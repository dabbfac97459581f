// title: Events in a range of dates
// parameter: from (date) = 0001-01-01: first day
// parameter: to (date) = 9999-12-31: last day
// columns: id, event, date_from, date_to, places
MATCH (e:Event)
WHERE e.ipgraph_hash IS NOT NULL AND e.date_from <= $to AND coalesce(e.date_to, e.date_from) >= $from
OPTIONAL MATCH (e)-[:HELD_IN]->(p:Place)
WITH e, p
ORDER BY p.name
RETURN e.id AS id, e.name AS event, e.date_from AS date_from, e.date_to AS date_to, collect(DISTINCT p.name) AS places
ORDER BY date_from, event, id
