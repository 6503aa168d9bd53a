using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Exchange.Replay;
using CacheProxy.Record;
using CacheProxy.Stores.Codec;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Record;

/// <summary>Every recorded answer through record, store and replay, in both modes, against the recording.</summary>
public class ReplayConformanceTests
{
    public static TheoryData<string> Answers => [.. Recording.Recorded().Where(item => item.Status == 200).Select(item => item.Name)];

    public static TheoryData<string> Errors => [.. Recording.Recorded().Where(item => item.Status != 200).Select(item => item.Name)];

    public static TheoryData<string> Pairs => [.. Recording.Pairs().Select(pair => pair.Object.Name)];

    public static TheoryData<string> Bad => [.. Recording.Bad().Select(item => item.Name)];

    [Theory]
    [MemberData(nameof(Answers))]
    public void Recorded_InItsOwnMode_KeepsItsBytes(string name)
    {
        Recording recording = Recording.Recorded().Single(item => item.Name == name);
        CanonicalAnswer answer = Stored(recording);

        byte[] again = recording.IsStream
            ? AnswerWriters.ToStream(answer, recording.Dialect, includeUsage: recording.IncludesUsage || !HasUsage(answer))
            : AnswerWriters.ToObject(answer, recording.Dialect);

        Assert.Equal(recording.Bytes, again);
        Assert.True(AnswerWriters.CanWrite(answer, recording.Dialect, recording.IsStream, recording.IncludesUsage));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Recorded_InTheOtherMode_SaysTheSame(string name)
    {
        Recording recording = Recording.Recorded().Single(item => item.Name == name);
        CanonicalAnswer answer = Stored(recording);
        Assert.Equal(HasUsage(answer), AnswerWriters.CanWrite(answer, recording.Dialect, isStream: !recording.IsStream, includeUsage: true));

        byte[] other = recording.IsStream ? AnswerWriters.ToObject(answer, recording.Dialect) : AnswerWriters.ToStream(answer, recording.Dialect, includeUsage: true);
        byte[] stream = recording.IsStream ? recording.Bytes : other;
        JsonElement whole = Recording.Parse(recording.IsStream ? other : recording.Bytes);

        NaiveChunks.AssertSame(StreamEvents.Read(stream), whole);
        CanonicalAnswer back = AnswerReaders.TryRead(recording.Body with { IsStream = !recording.IsStream, Bytes = other })!;
        Assert.Equal(answer.Events.Select(Comparable), back.Events.Select(Comparable));
        if (!recording.IsStream)
        {
            // An object, streamed and put together again, is the object: nothing of it was lost on the way.
            AssertContains(whole, Recording.Parse(AnswerWriters.ToObject(back, recording.Dialect)));
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Recorded_Object_KeepsFieldsThatNobodyKnows(string name)
    {
        Recording recording = Recording.Recorded().Single(item => item.Name == name);
        if (recording.IsStream)
        {
            return;
        }

        JsonObject changed = JsonNode.Parse(recording.Bytes)!.AsObject();
        changed["x_new"] = new JsonObject { ["a"] = 1.50m };
        JsonObject choice = changed["choices"]![0]!.AsObject();
        choice["x_choice"] = new JsonArray(1, 2);
        if (choice["message"] is JsonObject message)
        {
            message["x_message"] = "kept";
        }

        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(changed);
        CanonicalAnswer answer = AnswerReaders.TryRead(recording.Body with { Bytes = bytes })!;
        byte[] stream = AnswerWriters.ToStream(answer, recording.Dialect, includeUsage: true);
        CanonicalAnswer back = AnswerReaders.TryRead(recording.Body with { IsStream = true, Bytes = stream })!;

        AssertContains(Recording.Parse(bytes), Recording.Parse(AnswerWriters.ToObject(back, recording.Dialect)));
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Error_IsNoAnswer(string name) => Assert.Null(AnswerReaders.TryRead(Recording.Recorded().Single(item => item.Name == name).Body));

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Stream_BecomesTheObject(string name)
    {
        var (whole, stream) = Recording.Pairs().Single(pair => pair.Object.Name == name);
        CanonicalAnswer answer = Stored(stream);

        JsonElement folded = Recording.Parse(AnswerWriters.ToObject(answer, stream.Dialect));

        Assert.True(JsonElement.DeepEquals(Recording.Parse(whole.Bytes), folded), $"{whole.Text}\n{folded}");
        Assert.Equal(stream.Bytes, AnswerWriters.ToStream(answer, stream.Dialect, includeUsage: false));
        Assert.Equal(answer.Events.Select(Comparable), Stored(whole).Events.Select(Comparable));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Object_BecomesTheStream_EventByEvent(string name)
    {
        var (whole, stream) = Recording.Pairs().Single(pair => pair.Object.Name == name);
        CanonicalAnswer answer = Stored(whole);

        byte[] written = AnswerWriters.ToStream(answer, whole.Dialect, includeUsage: false);

        Assert.Equal(StreamEvents.Normal(stream.Bytes), StreamEvents.Normal(written));
        Assert.Equal(whole.Bytes, AnswerWriters.ToObject(answer, whole.Dialect));
        Assert.True(AnswerWriters.CanWrite(answer, whole.Dialect, isStream: true, includeUsage: true));
        if (whole.Dialect == Dialect.OpenAIResponses)
        {
            Assert.Equal(Enumerable.Range(0, StreamEvents.Read(written).Count), StreamEvents.Read(written).Select(item => (int)item["sequence_number"]!));
        }
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Stream_ThatIsNotWhole_IsNeverStored(string name)
    {
        Recording recording = Recording.Bad().Single(item => item.Name == name);
        CanonicalAnswer? answer = AnswerReaders.TryRead(recording.Body);

        Assert.NotEqual(RecordResult.Recorded, answer is null ? RecordResult.Malformed : AnswerJudge.Judge(answer, new RequestFacts { Model = "m" }));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Stream_CutAtAnyEvent_IsNeverStored(string name)
    {
        Recording stream = Recording.Pairs().Single(pair => pair.Object.Name == name).Stream;
        string[] events = stream.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        for (int count = 0; count < events.Length; count++)
        {
            string cut = string.Concat(events.Take(count).Select(item => item + "\n\n"));
            Assert.Null(AnswerReaders.TryRead(stream.Body with { Bytes = System.Text.Encoding.UTF8.GetBytes(cut) }));
        }
    }

    private static CanonicalAnswer Stored(Recording recording)
    {
        CanonicalAnswer? answer = AnswerReaders.TryRead(recording.Body);
        Assert.NotNull(answer);
        // Two of the recorded answers spent all their tokens on reasoning: they replay like the others, but nobody would store them.
        RecordResult expected = recording.Name.EndsWith("detailed-usage", StringComparison.Ordinal) ? RecordResult.Empty : RecordResult.Recorded;
        Assert.Equal(expected, AnswerJudge.Judge(answer, new RequestFacts { Model = "m" }));
        CacheEntry entry = SampleEntries.Plain(1) with { Answer = answer };
        CacheEntry? decoded = EntryCodec.Decode(EntryCodec.Encode(entry), entry.Fingerprint);
        EntryAssert.Same(entry, decoded);
        return decoded!.Answer;
    }

    private static bool HasUsage(CanonicalAnswer answer) => answer.Events.Any(item => item is AnswerEvent.Usage);

    // JSON texts are compared by what they say.
    private static object Comparable(AnswerEvent item) => item switch
    {
        AnswerEvent.Usage usage => usage with { Json = Compact(usage.Json) },
        AnswerEvent.LogProbs logProbs => logProbs with { Json = Compact(logProbs.Json) },
        AnswerEvent.Annotation annotation => annotation with { Json = Compact(annotation.Json) },
        AnswerEvent.Item own => own with { Json = Compact(own.Json) },
        AnswerEvent.ToolCallDelta call => call with { Arguments = Compact(call.Arguments) },
        _ => item,
    };

    private static string Compact(string json) => json.Length == 0 ? "" : JsonNode.Parse(json)!.ToJsonString();

    /// <summary>Everything of the object is there; null and empty lists may be left out of streams.</summary>
    private static void AssertContains(JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in expected.EnumerateObject())
            {
                Assert.True(actual.TryGetProperty(property.Name, out JsonElement value), $"{property.Name} is lost");
                AssertContains(property.Value, value);
            }
        }
        else if (expected.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(expected.GetArrayLength(), actual.GetArrayLength());
            Assert.All(expected.EnumerateArray().Zip(actual.EnumerateArray()), pair => AssertContains(pair.First, pair.Second));
        }
        else
        {
            Assert.True(JsonElement.DeepEquals(expected, actual), $"{expected} is not {actual}");
        }
    }
}
