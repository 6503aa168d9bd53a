using System.Security.Cryptography;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Routes;
using CacheProxy.Ledger;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// Asks a model behind the proxy whether two answers agree, with a fixed prompt and the credentials of the client whose question it was. Only asked
/// where nothing cheaper could say, and so often a minute at most; what it costs is counted.
/// </summary>
public sealed class UpstreamJudge(IBackgroundRefresh upstream, IUpstreamDirectory routes, SemanticMetrics metrics, IOptionsMonitor<SemanticOptions> options, TimeProvider time)
{
    private const string Path = "/v1/chat/completions";
    private const string Namespace = "cacheproxy-judge";

    private readonly AuditRate _rate = new(time);

    // What belongs to the client's own body or connection, and not to its credentials.
    private static readonly string[] NotCopied = ["Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Accept", "Accept-Encoding", "Expect", "Cache-Control"];

    public bool IsOn => options.CurrentValue.JudgeModel.Length > 0;

    /// <param name="client">Of the question, apart from its client.</param>
    /// <param name="exchange">Of the question.</param>
    public async ValueTask<ObservationOutcome> JudgeAsync(HttpContext client, ExchangeFeature exchange, CanonicalAnswer stored, CanonicalAnswer fresh)
    {
        string model = options.CurrentValue.JudgeModel;
        if (exchange.Facts.LastUserText is not { } question || routes.Find(model, Dialect.OpenAIChat) is not { } route || !_rate.TryTake(options.CurrentValue.JudgesPerMinute))
        {
            return ObservationOutcome.Unknown;
        }

        var prompt = new JudgePrompt(model, question, AnswerText.Of(stored).Text, AnswerText.Of(fresh).Text);
        var asked = new ExchangeFeature
        {
            Dialect = Dialect.OpenAIChat,
            Scope = exchange.Scope,
            Sender = exchange.Sender,
            Body = prompt.Body,
            Namespace = Namespace,
            Semantic = new SemanticWish(IsOff: true, MinimumSimilarity: 0),
            ArrivedTimestamp = exchange.ArrivedTimestamp,
            Facts = new RequestFacts { Model = model, MessageCount = 2, Temperature = 0 },
            Fingerprint = FingerprintOf(exchange.Scope, prompt.Body),
            Route = route,
            Policy = exchange.Policy,
        };
        (_, CacheEntry? entry) = await upstream.AskAsync(Context(client), asked, LedgerWork.Judge);
        if (entry is null)
        {
            return ObservationOutcome.Unknown;
        }

        metrics.Spent("judge", entry.Answer);
        return prompt.Read(AnswerText.Of(entry.Answer).Text);
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
