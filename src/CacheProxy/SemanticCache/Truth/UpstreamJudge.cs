using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Routes;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// Asks a model behind the proxy whether two answers agree, with a fixed prompt and the credentials of the client whose question it was. Its word is
/// stored like any answer, in a namespace of its own: the same two answers are judged once. Only asked where nothing cheaper could say.
/// </summary>
public sealed class UpstreamJudge(IBackgroundRefresh upstream, IUpstreamDirectory routes, SemanticMetrics metrics, IOptionsMonitor<SemanticOptions> options)
{
    private const string Path = "/v1/chat/completions";
    private const string Namespace = "cacheproxy-judge";
    private const int MostCharacters = 6000;

    private const string Instruction =
        "You compare two answers to one question. Reply with one word. SAME: whoever asked is served as well by either, facts, numbers and conclusions agree. DIFFERENT: anything else.";

    // What belongs to the client's own body or connection, and not to its credentials.
    private static readonly string[] NotCopied = ["Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Accept", "Accept-Encoding", "Expect", "Cache-Control"];

    public bool IsOn => options.CurrentValue.JudgeModel.Length > 0;

    /// <param name="client">Of the question, apart from its client.</param>
    /// <param name="exchange">Of the question.</param>
    public async ValueTask<ObservationOutcome> JudgeAsync(HttpContext client, ExchangeFeature exchange, CanonicalAnswer stored, CanonicalAnswer fresh)
    {
        string model = options.CurrentValue.JudgeModel;
        if (exchange.Facts.LastUserText is not { } question || routes.Find(model, Dialect.OpenAIChat) is not { } route)
        {
            return ObservationOutcome.Unknown;
        }

        byte[] body = Body(model, question, AnswerText.Of(stored).Text, AnswerText.Of(fresh).Text);
        var asked = new ExchangeFeature
        {
            Dialect = Dialect.OpenAIChat,
            Scope = exchange.Scope,
            Sender = exchange.Sender,
            Body = body,
            Namespace = Namespace,
            Semantic = new SemanticWish(IsOff: true, MinimumSimilarity: 0),
            ArrivedTimestamp = exchange.ArrivedTimestamp,
            Facts = new RequestFacts { Model = model, MessageCount = 2, Temperature = 0 },
            Fingerprint = FingerprintOf(exchange.Scope, body),
            Route = route,
            Policy = exchange.Policy,
        };
        (_, CacheEntry? entry) = await upstream.AskAsync(Context(client), asked);
        if (entry is null)
        {
            return ObservationOutcome.Unknown;
        }

        metrics.Spent("judge", entry.Answer);
        string word = AnswerText.Of(entry.Answer).Text.Trim().Trim('.', '"', '*').ToUpperInvariant();
        return word.StartsWith("SAME", StringComparison.Ordinal) ? ObservationOutcome.Right
            : word.StartsWith("DIFFERENT", StringComparison.Ordinal) ? ObservationOutcome.Wrong
            : ObservationOutcome.Unknown;
    }

    private static DefaultHttpContext Context(HttpContext client)
    {
        var context = new DefaultHttpContext { RequestServices = client.RequestServices, TraceIdentifier = client.TraceIdentifier };
        foreach (var header in client.Request.Headers.Where(header => !NotCopied.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            context.Request.Headers[header.Key] = header.Value;
        }

        (context.Request.Protocol, context.Request.Scheme, context.Request.Method, context.Request.Path) = (client.Request.Protocol, client.Request.Scheme, HttpMethods.Post, Path);
        context.Request.ContentType = "application/json";
        return context;
    }

    private static byte[] Body(string model, string question, string stored, string fresh)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteNumber("temperature", 0);
            json.WriteNumber("max_tokens", 4);
            json.WriteStartArray("messages");
            Message(json, "system", Instruction);
            Message(json, "user", $"Question:\n{Head(question)}\n\nAnswer 1:\n{Head(stored)}\n\nAnswer 2:\n{Head(fresh)}");
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Message(Utf8JsonWriter json, string role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", content);
        json.WriteEndObject();
    }

    private static string Head(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters];

    // Never one of a client's request: those are keyed hashes of more than a body.
    private static Fingerprint256 FingerprintOf(Scope scope, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("cacheproxy-judge\0"u8);
        hash.AppendData(scope.Hash.ToByteArray());
        hash.AppendData(body);
        return new Fingerprint256(hash.GetHashAndReset());
    }
}
