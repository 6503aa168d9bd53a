using System.Text.Json.Nodes;
using CacheProxy.Exchange;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>
/// Every request field of the providers' specifications with values to try (Fixtures/request-fields.json): <c>in</c> changes the answer,
/// <c>out</c> cannot, <c>absent</c> values are the same as leaving it out. <c>beyond</c> are fields that newer references or servers add.
/// </summary>
internal sealed class RequestFieldList
{
    private static readonly JsonObject Document = JsonNode.Parse(File.ReadAllText(Repository.File("tests", "CacheProxy.Tests", "Fixtures", "request-fields.json")))!.AsObject();

    private RequestFieldList(Dialect dialect)
    {
        Dialect = dialect;
        JsonNode node = Document[dialect.ToString()]!;
        Base = node["base"]!.AsObject();
        Fields = [.. Read(node["specified"]!), .. Read(node["beyond"]!)];
    }

    public static IEnumerable<Dialect> Dialects => Document.Select(item => Enum.Parse<Dialect>(item.Key));

    public static IEnumerable<RequestFieldList> All => Dialects.Select(Of);

    public Dialect Dialect { get; }

    /// <summary>The least request that is one.</summary>
    public JsonObject Base { get; }

    public IReadOnlyList<Field> Fields { get; }

    public static RequestFieldList Of(Dialect dialect) => new(dialect);

    /// <summary>The least request with one field more, or another value of one of its own.</summary>
    public string With(string name, JsonNode? value)
    {
        var request = (JsonObject)Base.DeepClone();
        request[name] = value?.DeepClone();
        return request.ToJsonString();
    }

    private static IEnumerable<Field> Read(JsonNode node)
        => node.AsObject().Select(item => new Field(item.Key, (string)item.Value!["class"]! == "in", [.. item.Value["values"]!.AsArray()], [.. item.Value["absent"]!.AsArray()]));

    public sealed record Field(string Name, bool IsIn, JsonNode?[] Values, JsonNode?[] Absent);
}
