using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Readers;
using CacheProxy.Exchange.Replay;
using CacheProxy.Fingerprint;
using CacheProxy.PrefixTag;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Record;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Options;

namespace CacheProxy.Admin;

/// <summary>
/// Makes entries of questions and answers that nobody has asked yet. A line goes the way of a request as far as it can: the same fingerprint, the
/// same rules, the same judgement of the answer, the same observers. What a request could never be answered from is a fault of its line.
/// </summary>
internal sealed class Seeder(
    Fingerprinter fingerprinter, CachePolicies policies, ScopeResolver scopes, PrefixChain prefixes, EntryFactory factory, EntryTiers tiers, EntryBook book,
    PurgeLog purges, IEnumerable<IAnswerObserver> observers, IOptionsMonitor<ExactOptions> exact, TimeProvider time)
{
    // In the order of the dialects.
    private static readonly string[] Paths = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages"];

    private readonly IAnswerObserver[] _observers = [.. observers];

    /// <returns>Null: <paramref name="error"/> says what is wrong with the line.</returns>
    public Seed? Prepare(byte[] json, out RequestError? error)
    {
        if (SeedLine.Read(json, scopes, out error) is not { } line)
        {
            return null;
        }

        var exchange = new ExchangeFeature
        {
            Dialect = line.Dialect,
            Scope = line.Scope,
            Body = line.Request,
            Namespace = line.Namespace,
            Tags = line.Tags,
            TtlSeconds = line.TtlSeconds,
            AnsweredAt = time.GetUtcNow(),
            PurgeMark = purges.Mark,
        };
        exchange.KeepBody();
        error = Identify(exchange);
        if (error is not null)
        {
            return null;
        }

        RecordResult result = RecordResult.UnknownForm;
        if (ToBody(line, exchange) is { } body && body.Bytes.Length <= exact.CurrentValue.MaxAnswerBytes
            && (result = factory.TryMake(exchange, body, new HeaderDictionary(), out CacheEntry? entry)) == RecordResult.Recorded)
        {
            return new Seed(exchange, entry!);
        }

        error = RequestError.InvalidValue("answer", $"it cannot be stored ({JsonNamingPolicy.SnakeCaseLower.ConvertName(result.ToString())}).");
        return null;
    }

    public async Task StoreAsync(Seed seed, CancellationToken cancellationToken)
    {
        await tiers.StoreAsync(seed.Entry, seed.Exchange.PurgeMark, cancellationToken);
        foreach (IAnswerObserver observer in _observers)
        {
            await observer.OnRecordedAsync(seed.Exchange, seed.Entry, cancellationToken);
        }
    }

    /// <summary>Waits until what was stored is where it belongs. False: it is not.</summary>
    public async Task<bool> SettleAsync(Seed last, CancellationToken cancellationToken)
    {
        foreach (IAnswerObserver observer in _observers)
        {
            await observer.SettleAsync(cancellationToken);
        }

        return await book.IsSettledAsync(last.Entry, cancellationToken);
    }

    private RequestError? Identify(ExchangeFeature exchange)
    {
        if (!Fingerprinter.Reads(exchange.Dialect))
        {
            return RequestError.InvalidValue("dialect", "its requests are not answered from whole entries.");
        }

        if (!fingerprinter.TryFingerprint(exchange, exact.CurrentValue, out FingerprintedRequest? request, out RequestError? error))
        {
            return error! with { Param = error.Param is null ? "request" : $"request.{error.Param}" };
        }

        exchange.Facts = request!.Facts;
        exchange.Fingerprint = request.Fingerprint;
        exchange.Partition = request.Partition;
        exchange.Route = request.Route;
        exchange.Policy = policies.For(exchange, Paths[(int)exchange.Dialect]);
        exchange.PrefixId = prefixes.Read(exchange).Prefix.IdText();
        BypassReason reason = BypassRules.Judge(request, exchange.Policy);
        return reason == BypassReason.None
            ? null
            : RequestError.InvalidValue("request", $"a request like this is never answered from the cache ({reason.ToTag()}).");
    }

    // Null: a text has no form in that dialect.
    private RecordedBody? ToBody(SeedLine line, ExchangeFeature exchange)
    {
        if (line.Answer.ValueKind == JsonValueKind.Object)
        {
            return Object(line.Dialect, JsonSerializer.SerializeToUtf8Bytes(line.Answer, AdminJson.Default.JsonElement));
        }

        RecordedBody chat = Object(Dialect.OpenAIChat, WriteChat(exchange.Facts.Model, line.Answer.GetString()!));
        if (line.Dialect == Dialect.OpenAIChat)
        {
            return chat;
        }

        return AnswerReaders.TryRead(chat) is { } answer && AnswerWriters.CanWrite(answer, line.Dialect, isStream: false, includeUsage: true)
            ? Object(line.Dialect, AnswerWriters.ToObject(answer, line.Dialect))
            : null;
    }

    private static RecordedBody Object(Dialect dialect, byte[] bytes) => new(dialect, IsStream: false, IncludesUsage: true, "application/json", bytes);

    // Usage is there, because clients read it, and nothing: no model was asked.
    private byte[] WriteChat(string model, string text) => JsonSerializer.SerializeToUtf8Bytes(
        new JsonObject
        {
            ["id"] = "chatcmpl-seed-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)),
            ["object"] = "chat.completion",
            ["created"] = time.GetUtcNow().ToUnixTimeSeconds(),
            ["model"] = model,
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
                ["finish_reason"] = "stop",
            }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 0, ["completion_tokens"] = 0, ["total_tokens"] = 0 },
        },
        AdminJson.Default.JsonObject);
}
