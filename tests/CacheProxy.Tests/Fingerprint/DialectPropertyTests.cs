using System.Text.Json.Nodes;
using CacheProxy.Exchange;
using CacheProxy.Fingerprint;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>
/// Over random requests of every dialect, made of the fields of its specification: whatever is changed in them, at any depth, is another
/// request, unless it stands in a field that cannot change the answer; no spelling is.
/// </summary>
public class DialectPropertyTests
{
    private const int Rounds = 150;

    public static TheoryData<Dialect> Dialects => new(RequestFieldList.Dialects);

    [Theory]
    [MemberData(nameof(Dialects))]
    public void AnyChange_OfWhatCounts_IsAnotherRequest(Dialect dialect) => Check(dialect, (list, sut, random) =>
    {
        JsonObject request = RandomRequest.Of(list, random);
        Fingerprint256 before = sut.Of(request.ToJsonString());
        foreach (string[] path in RandomRequest.Paths(request))
        {
            var changed = (JsonObject)request.DeepClone();
            RandomRequest.Change(changed, path, random);
            bool counts = list.Fields.First(field => field.Name == path[0]).IsIn;
            if (sut.TryRead(changed.ToJsonString(), out FingerprintedRequest? read, out _) && counts == (read!.Fingerprint == before))
            {
                Assert.Fail($"{string.Join('/', path)} of {request.ToJsonString()} to {changed.ToJsonString()}");
            }
        }
    });

    [Theory]
    [MemberData(nameof(Dialects))]
    public void AnyTwoRequests_OfOneFingerprint_AreOneRequest(Dialect dialect)
    {
        var list = RequestFieldList.Of(dialect);
        var sut = new FingerprintHarness { Dialect = dialect };
        var random = new Random(5);
        var seen = new Dictionary<Fingerprint256, string>();
        for (int i = 0; i < 3000; i++)
        {
            JsonObject request = RandomRequest.Of(list, random);
            string meaning = RandomRequest.Meaning(list, request);
            Fingerprint256 fingerprint = sut.Of(request.ToJsonString());
            if (!seen.TryAdd(fingerprint, meaning))
            {
                Assert.Equal(seen[fingerprint], meaning);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void NoSpelling_IsAnotherRequest(Dialect dialect) => Check(dialect, (list, sut, random) =>
    {
        JsonObject request = RandomRequest.Of(list, random);
        var other = (JsonObject)request.DeepClone();
        foreach (RequestFieldList.Field field in list.Fields.Where(field => random.Next(2) == 0))
        {
            if (!field.IsIn)
            {
                other[field.Name] = field.Values[random.Next(field.Values.Length)]?.DeepClone();
            }
            else if (!other.ContainsKey(field.Name))
            {
                other[field.Name] = field.Absent.Length > 0 ? field.Absent[random.Next(field.Absent.Length)]?.DeepClone() : null;
            }
        }

        string text = JsonSpelling.Write(other, random);
        FingerprintedRequest one = sut.Read(request.ToJsonString());
        FingerprintedRequest two = sut.Read(text);
        Assert.True(one.Fingerprint == two.Fingerprint && one.Partition == two.Partition, $"{request.ToJsonString()} and {text}");
    });

    [Theory]
    [InlineData(Dialect.OpenAIChat)]
    [InlineData(Dialect.OpenAIResponses)]
    [InlineData(Dialect.AnthropicMessages)]
    public void Partition_LeavesOutTheLastQuestionAlone(Dialect dialect) => Check(dialect, (list, sut, random) =>
    {
        JsonObject request = RandomRequest.Of(list, random);
        string turns = dialect == Dialect.OpenAIResponses ? "input" : "messages";
        var one = (JsonObject)request.DeepClone();
        one[turns] = new JsonArray(Turn("user", "a"), Turn("assistant", "b"), Turn("user", "question " + random.Next()));
        var other = (JsonObject)one.DeepClone();
        ((JsonArray)other[turns]!)[2] = Turn("user", "another one " + random.Next());
        var elsewhere = (JsonObject)one.DeepClone();
        ((JsonArray)elsewhere[turns]!)[1] = Turn("assistant", "c");

        Assert.Equal(sut.PartitionOf(one.ToJsonString()), sut.PartitionOf(other.ToJsonString()));
        Assert.NotEqual(sut.Of(one.ToJsonString()), sut.Of(other.ToJsonString()));
        Assert.NotEqual(sut.PartitionOf(one.ToJsonString()), sut.PartitionOf(elsewhere.ToJsonString()));
    });

    private static JsonObject Turn(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private static void Check(Dialect dialect, Action<RequestFieldList, FingerprintHarness, Random> property)
    {
        var list = RequestFieldList.Of(dialect);
        var sut = new FingerprintHarness { Dialect = dialect };
        for (int seed = 0; seed < Rounds; seed++)
        {
            property(list, sut, new Random(seed));
        }
    }
}
