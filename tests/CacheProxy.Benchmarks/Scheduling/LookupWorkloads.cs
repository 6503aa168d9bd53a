using CacheProxy.Inference.Generation;

namespace CacheProxy.Benchmarks.Scheduling;

/// <summary>Requests whose answers repeat much of their prompts, and requests whose answers repeat nothing.</summary>
internal static class LookupWorkloads
{
    private const string Letter =
        "Dear Ms Okafor, thank you for your order of 14 March. The two walnut bookcases left our workshop in Leeds on Tuesday and will reach you "
        + "on Friday between nine and noon. Please check the glass doors before you sign, and keep the packing until you are sure that nothing is "
        + "missing. If anything is damaged, call us on 0113 496 0042 and we will send a replacement at our own cost. Kind regards, Tom Hale.";

    private const string Json =
        """
        {"orders": [{"id": 10248, "customer": "Okafor", "city": "Leeds", "items": [{"sku": "BK-220", "quantity": 2}, {"sku": "LM-071", "quantity": 1}], "paid": true},
        {"id": 10249, "customer": "Lindqvist", "city": "Malmo", "items": [{"sku": "CH-118", "quantity": 4}], "paid": false},
        {"id": 10250, "customer": "Moreau", "city": "Lyon", "items": [{"sku": "TB-300", "quantity": 1}, {"sku": "CH-118", "quantity": 6}], "paid": true}]}
        """;

    private const string Code =
        """
        def read_orders(path):
            orders = []
            with open(path, encoding="utf-8") as file:
                for line in file:
                    fields = line.strip().split(";")
                    if len(fields) != 4:
                        raise ValueError(f"bad line: {line}")
                    orders.append({"id": int(fields[0]), "customer": fields[1], "city": fields[2], "total": float(fields[3])})
            return orders

        def total_by_city(orders):
            totals = {}
            for order in orders:
                totals[order["city"]] = totals.get(order["city"], 0.0) + order["total"]
            return totals
        """;

    private static readonly string[] Themes =
        ["a lighthouse keeper's night", "the history of bread", "a journey by train", "how rivers shape land", "an argument between two cooks", "the first snow of the year"];

    /// <summary>Tasks that the bundled model, small as it is, does by copying: repeating a text, a document and a file, mending one, adding to one.</summary>
    public static IReadOnlyList<(string System, string User)> Copying { get; } =
    [
        ("You repeat texts exactly.", "Repeat this text exactly, word for word:\n\n" + Letter),
        ("You repeat texts exactly.", "Repeat this text exactly, word for word:\n\n" + Json),
        ("You repeat texts exactly.", "Repeat this file exactly, line by line:\n\n```python\n" + Code + "```"),
        ("You correct JSON documents.", "This JSON document lacks its last bracket. Write it again, complete:\n\n" + Json[..^1]),
        ("You edit code. You answer with the whole file.", "Write this file again, with a comment at its beginning:\n\n```python\n" + Code + "```"),
    ];

    public static IReadOnlyList<(string System, string User)> Varied { get; } =
        [.. Themes.Select(theme => ("You are a writer with a rich vocabulary.", $"Write freely about {theme}."))];

    public static SamplingOptions Free(int seed) => new(Temperature: 1f, Seed: seed);
}
