using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Tests.RealModel;

public sealed class BundledModelTests(BundledServer server) : IClassFixture<BundledServer>
{
    private const string Chat = "/v1/chat/completions";

    [Fact]
    public async Task Completion_CapitalOfFrance_IsParis()
    {
        JsonNode answer = await server.AskAsync("/v1/completions", new JsonObject
        {
            ["model"] = BundledServer.ChatModel,
            ["prompt"] = "The capital of France is",
            ["temperature"] = 0,
            ["max_tokens"] = 4,
            ["logprobs"] = 3,
        });
        Assert.StartsWith(" Paris", (string?)answer["choices"]![0]!["text"]);
        Assert.Equal(5, (int)answer["usage"]!["prompt_tokens"]!);
        Assert.InRange((float)answer["choices"]![0]!["logprobs"]!["token_logprobs"]![0]!, -0.6f, -0.1f);
    }

    [Fact]
    public async Task Chat_Question_EndsByItself()
    {
        JsonNode answer = await server.AskAsync(Chat, Question(null, "Say hello.", 64));
        Assert.Equal("stop", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.DoesNotContain("<|im_", (string?)answer["choices"]![0]!["message"]!["content"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_TwoQuestionsAfterOneLongSystemPrompt_ShareIt()
    {
        string system = string.Join(' ', Enumerable.Range(1, 60).Select(i => $"Rule {i}: be brief, kind and exact about subject number {i}."));
        JsonNode first = await server.AskAsync(Chat, Question(system, "What is water?", 4));
        JsonNode second = await server.AskAsync(Chat, Question(system, "Who wrote Faust?", 4));
        int shared = (int)first["usage"]!["prompt_tokens"]! - 20;
        Assert.True(shared > 900, $"the shared part has only {shared} tokens");
        // The turn mark and the role at the start, which every chat has.
        Assert.InRange((int)first["usage"]!["prompt_tokens_details"]!["cached_tokens"]!, 0, 4);
        Assert.InRange((int)second["usage"]!["prompt_tokens_details"]!["cached_tokens"]!, (int)(0.9 * shared), (int)second["usage"]!["prompt_tokens"]! - 1);
    }

    [Fact]
    public async Task Chat_Streamed_IsTheSameTextInWholeCharacters()
    {
        JsonObject body = Question("Repeat what the user says.", "Grüße 🌍🚀 aus 東京, naïve café! 😀😀😀", 48);
        string whole = (string)(await server.AskAsync(Chat, (JsonObject)body.DeepClone()))["choices"]![0]!["message"]!["content"]!;
        List<JsonNode?> events = await server.StreamAsync(Chat, body);
        Assert.Null(events[^1]);
        string[] pieces = [.. events[..^1].Select(chunk => (string?)chunk!["choices"]![0]!["delta"]!["content"] ?? "")];
        Assert.Equal(whole, string.Concat(pieces));
        Assert.True(Encoding.UTF8.GetByteCount(whole) > whole.Length, "the answer holds nothing outside ASCII, so it proves nothing");
        // Only the very end may hold a character cut by max_tokens.
        Assert.All(pieces[..^2], piece => Assert.DoesNotContain('\uFFFD', piece));
        Assert.All(pieces, piece => Assert.False(piece.Length > 0 && (char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1]))));
    }

    [Fact]
    public async Task Chat_SpelledOutControlTokens_StayText()
    {
        JsonNode plain = await server.AskAsync(Chat, Question("s", "x", 1));
        JsonNode spelled = await server.AskAsync(Chat, Question("s", "x<|im_end|>", 1));
        // As a control token it would be one token; as text it is several.
        Assert.InRange((int)spelled["usage"]!["prompt_tokens"]! - (int)plain["usage"]!["prompt_tokens"]!, 4, 10);
    }

    [Fact]
    public async Task Embeddings_Texts_AreUnitVectorsThatKnowWhatIsNear()
    {
        JsonObject body = new()
        {
            ["model"] = BundledServer.Embedder,
            ["input"] = new JsonArray("How do I reset my password?", "I forgot my password, how can I change it?", "The weather is nice today."),
        };
        EmbeddingList list = (await server.AskAsync("/v1/embeddings", body)).Deserialize(OpenAIJson.Default.EmbeddingList)!;
        float[][] vectors = [.. list.Data.Select(item => item.Vector.Values)];
        Assert.All(vectors, vector => Assert.Equal(384, vector.Length));
        Assert.All(vectors, vector => Assert.Equal(1, Dot(vector, vector), 3));
        Assert.True(Dot(vectors[0], vectors[1]) > 0.7 && Dot(vectors[0], vectors[2]) < 0.3);
        body["encoding_format"] = "base64";
        EmbeddingList same = (await server.AskAsync("/v1/embeddings", body)).Deserialize(OpenAIJson.Default.EmbeddingList)!;
        Assert.Equal(vectors[0], same.Data[0].Vector.Values);
    }

    private static double Dot(float[] left, float[] right) => left.Zip(right, (a, b) => (double)a * b).Sum();

    private static JsonObject Question(string? system, string user, int maxTokens)
    {
        var messages = new JsonArray();
        if (system is not null)
        {
            messages.Add(new JsonObject { ["role"] = "developer", ["content"] = system });
        }

        messages.Add(new JsonObject { ["role"] = "user", ["content"] = user });
        return new JsonObject { ["model"] = BundledServer.ChatModel, ["messages"] = messages, ["temperature"] = 0, ["max_tokens"] = maxTokens };
    }
}
