using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Protocol.Sse;

namespace CacheProxy.Protocol.Tests.OpenAI;

public sealed class AnswerShapeTests
{
    // What the recorded server adds and this one does not have.
    private static readonly string[] Foreign = ["service_tier", "obfuscation", "annotations"];

    [Theory]
    [InlineData("chat-streaming.sse", false)]
    [InlineData("chat-streaming-detailed-usage.sse", true)]
    public void ChatChunks_RewrittenFromARecording_HaveItsShape(string file, bool includeUsage)
    {
        foreach (string recorded in Events(file))
        {
            ChatCompletionChunk chunk = JsonSerializer.Deserialize(recorded, OpenAIJson.Default.ChatCompletionChunk)!;
            using var writer = new ChatChunkWriter(chunk.Id, chunk.Created, chunk.Model, chunk.SystemFingerprint, includeUsage);
            var output = new ArrayBufferWriter<byte>();
            Write(writer, output, chunk);
            AssertSame(recorded, JsonNode.Parse(output.WrittenSpan)!);
        }
    }

    [Theory]
    [InlineData("completion-streaming.sse", false)]
    [InlineData("completion-streaming-usage.sse", true)]
    public void CompletionChunks_RewrittenFromARecording_HaveItsShape(string file, bool includeUsage)
    {
        foreach (string recorded in Events(file))
        {
            Completion chunk = JsonSerializer.Deserialize(recorded, OpenAIJson.Default.Completion)!;
            using var writer = new CompletionChunkWriter(chunk.Id, chunk.Created, chunk.Model, null, includeUsage);
            var output = new ArrayBufferWriter<byte>();
            if (chunk.Usage is { } usage)
            {
                writer.WriteUsage(output, usage);
            }
            else
            {
                writer.WriteChoice(output, chunk.Choices[0]);
            }

            AssertSame(recorded, JsonNode.Parse(output.WrittenSpan)!);
        }
    }

    [Fact]
    public void ChatCompletion_Recording_SurvivesReadingAndWriting()
    {
        string recorded = Text("chat-basic.json");
        ChatCompletion answer = JsonSerializer.Deserialize(recorded, OpenAIJson.Default.ChatCompletion)!;
        AssertSame(recorded, JsonNode.Parse(OpenAIJson.Serialize(answer, OpenAIJson.Default.ChatCompletion))!);
        Assert.Contains("you’d like", Text(OpenAIJson.Serialize(answer, OpenAIJson.Default.ChatCompletion)), StringComparison.Ordinal);
    }

    [Fact]
    public void ChatCompletion_ToolCallRecording_SurvivesReadingAndWriting()
    {
        string recorded = Text("chat-tools.json");
        ChatCompletion answer = JsonSerializer.Deserialize(recorded, OpenAIJson.Default.ChatCompletion)!;
        Assert.Equal("tool_calls", answer.Choices[0].FinishReason);
        AssertSame(recorded, JsonNode.Parse(OpenAIJson.Serialize(answer, OpenAIJson.Default.ChatCompletion))!);
    }

    [Fact]
    public void Completion_Recording_SurvivesReadingAndWriting()
    {
        string recorded = Text("completion-basic.json");
        Completion answer = JsonSerializer.Deserialize(recorded, OpenAIJson.Default.Completion)!;
        AssertSame(recorded, JsonNode.Parse(OpenAIJson.Serialize(answer, OpenAIJson.Default.Completion))!);
    }

    [Fact]
    public void Embedding_Base64Recording_HasTheVectorAndTheSameBytesAgain()
    {
        string recorded = Text("embeddings-dimensions.json");
        EmbeddingList answer = JsonSerializer.Deserialize(recorded, OpenAIJson.Default.EmbeddingList)!;
        float[] values = answer.Data[0].Vector.Values;
        Assert.Equal(256, values.Length);
        Assert.Equal(1.0, values.Sum(value => (double)value * value), 3);
        AssertSame(recorded, JsonNode.Parse(OpenAIJson.Serialize(answer, OpenAIJson.Default.EmbeddingList))!);
    }

    [Fact]
    public void Embedding_AsNumbers_ReadsBackBitForBit()
    {
        float[] values = [0f, -0f, 1e-38f, 0.1f, -3.4028235e38f, 1f / 3f];
        var vector = new EmbeddingVector(values, IsBase64: false);
        var list = new EmbeddingList { Data = [new Embedding { Index = 0, Vector = vector }], Model = "m", Usage = new EmbeddingUsage(1, 1) };
        byte[] json = OpenAIJson.Serialize(list, OpenAIJson.Default.EmbeddingList);
        float[] read = JsonSerializer.Deserialize(json, OpenAIJson.Default.EmbeddingList)!.Data[0].Vector.Values;
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), read.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Embedding_NoVector_IsRefused()
    {
        foreach (string value in new[] { "{}", "\"AAA=\"", "5" })
        {
            string json = $$$"""{"data":[{"index":0,"embedding":{{{value}}}}],"model":"m","usage":{"prompt_tokens":1,"total_tokens":1}}""";
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, OpenAIJson.Default.EmbeddingList));
        }
    }

    [Fact]
    public void Errors_OfTheSameMistake_AreTheRecordedOnes()
    {
        JsonNode recorded = JsonNode.Parse(Fixture.Bytes("errors.json"))!;
        Assert.False(ChatCompletionRequest.TryParse("""{"messages":[],"model":"gpt-5-nano"}"""u8.ToArray(), out _, out RequestError? empty));
        AssertSame(recorded["chat-no-messages"]!.ToJsonString(), JsonNode.Parse(empty.ToJson())!);
        Assert.False(CompletionRequest.TryParse("""{"max_tokens":-1,"model":"b","prompt":""}"""u8.ToArray(), out _, out RequestError? negative));
        AssertSame(recorded["completion-bad-request"]!.ToJsonString(), JsonNode.Parse(negative.ToJson())!);
        RequestError unknown = RequestError.ModelNotFound("babbage-002-wrong") with { Param = null };
        Assert.Equal(404, unknown.Status);
        AssertSame(recorded["completion-unknown-model"]!.ToJsonString(), JsonNode.Parse(unknown.ToJson())!);
    }

    private static void Write(ChatChunkWriter writer, ArrayBufferWriter<byte> output, ChatCompletionChunk chunk)
    {
        if (chunk.Usage is { } usage)
        {
            writer.WriteUsage(output, usage);
            return;
        }

        ChatChunkChoice choice = chunk.Choices[0];
        if (choice.Delta.Role is { } role)
        {
            writer.WriteRole(output, choice.Index, role);
        }
        else if (choice.FinishReason is { } reason)
        {
            writer.WriteFinish(output, choice.Index, reason);
        }
        else
        {
            writer.WriteContent(output, choice.Index, choice.Delta.Content);
        }
    }

    private static List<string> Events(string file)
    {
        var events = new List<string>();
        var parser = new SseParser();
        ReadOnlySpan<byte> input = Fixture.Bytes(file);
        while (parser.TryRead(ref input, out SseEvent item))
        {
            if (!item.IsDone)
            {
                events.Add(item.DataText);
            }
        }

        Assert.NotEmpty(events);
        return events;
    }

    /// <summary>Every recorded field is there with its value; what is written beyond it is null.</summary>
    private static void AssertSame(string recorded, JsonNode written)
    {
        JsonNode expected = JsonNode.Parse(recorded)!;
        Strip(expected, node => Foreign.Contains(node.Key));
        Strip(written, node => node.Value is null && !recorded.Contains($"\"{node.Key}\"", StringComparison.Ordinal));
        Assert.True(JsonNode.DeepEquals(expected, written), $"expected {expected.ToJsonString()}\nwritten  {written.ToJsonString()}");
    }

    private static void Strip(JsonNode? node, Func<KeyValuePair<string, JsonNode?>, bool> isUnwanted)
    {
        if (node is JsonArray array)
        {
            array.ToList().ForEach(item => Strip(item, isUnwanted));
        }
        else if (node is JsonObject fields)
        {
            fields.Where(isUnwanted).ToList().ForEach(field => fields.Remove(field.Key));
            fields.ToList().ForEach(field => Strip(field.Value, isUnwanted));
        }
    }

    private static string Text(string file) => Text(Fixture.Bytes(file));

    private static string Text(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);
}
