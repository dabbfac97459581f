// title: Shortest path between two entities, over facts
// parameter: from (Person|Organization|Brand|Event|Place|Award): where it begins
// parameter: to (Person|Organization|Brand|Event|Place|Award): where it ends
// columns: length, names, types
MATCH (a:Person|Organization|Brand|Event|Place|Award {id: $from})
MATCH (b:Person|Organization|Brand|Event|Place|Award {id: $to})
MATCH p = shortestPath((a)-[:ATTENDED|ORGANIZED|HOLDS_POSITION|PART_OF|LOCATED_IN|HELD_IN|OWNS_BRAND|RECEIVED|COOPERATES_WITH*1..8]-(b))
RETURN length(p) AS length, [n IN nodes(p) | n.name] AS names, [r IN relationships(p) | type(r)] AS types
