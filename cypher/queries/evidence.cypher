// title: The sentences that state an edge
// parameter: edge (text): id of the edge, as `ipgraph query ties` shows it
// columns: type, head, tail, article, published, sentence, start, end, rule
MATCH (a)-[r:ATTENDED|ORGANIZED|HOLDS_POSITION|PART_OF|LOCATED_IN|HELD_IN|OWNS_BRAND|RECEIVED|COOPERATES_WITH]->(b)
WHERE r.id = $edge
UNWIND range(0, size(r.sentences) - 1) AS i
OPTIONAL MATCH (d:Article {id: r.article_ids[i]})
RETURN type(r) AS type, a.name AS head, b.name AS tail, coalesce(d.title, d.name) AS article,
  d.published AS published, r.sentences[i] AS sentence, r.starts[i] AS start, r.ends[i] AS end, r.rules[i] AS rule
ORDER BY published, r.article_ids[i], start
