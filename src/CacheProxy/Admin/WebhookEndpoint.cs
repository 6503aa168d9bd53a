using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Admin;

/// <summary>
/// <c>POST /admin/webhooks/purge</c>: <c>{"timestamp":1767225600,"namespaces":["kb"],"tags":["doc-42"]}</c>, signed as GitHub signs:
/// <c>X-Hub-Signature-256: sha256=</c> and the HMAC-SHA256 of the body under <c>Admin:WebhookSecret</c>. The time stands in the body, so that
/// it is signed too: a call is taken once, and within five minutes. Acts at once; the key of the other endpoints is not asked for.
/// </summary>
internal sealed class WebhookEndpoint(IOptionsMonitor<AdminOptions> options, PurgeActions actions, TimeProvider time)
{
    private const string SignatureHeader = "X-Hub-Signature-256";
    private const string Scheme = "sha256=";
    private const int MostNames = 100;

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _seen = new(StringComparer.Ordinal);

    public async Task PostAsync(HttpContext context)
    {
        string secret = options.CurrentValue.WebhookSecret;
        if (secret.Length == 0)
        {
            await ErrorReply.WriteAsync(context, new RequestError("The webhook is off: Admin:WebhookSecret is not set.", null, "webhook_off", StatusCodes.Status404NotFound));
            return;
        }

        if (await AdminHttp.ReadBodyAsync(context) is not { } body)
        {
            return;
        }

        byte[] expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body);
        if (!IsSigned(context.Request.Headers[SignatureHeader].ToString(), expected))
        {
            await ErrorReply.WriteAsync(context, Refused($"{SignatureHeader} is missing or wrong.", SignatureHeader));
            return;
        }

        JsonFields fields = JsonFields.Parse(body);
        DateTimeOffset? sent = fields.Instant("timestamp");
        string[] spaces = fields.Texts("namespaces", MostNames);
        string[] tags = fields.Texts("tags", MostNames);
        if (Judge(fields, sent, spaces, tags, Convert.ToHexString(expected)) is { } error)
        {
            await ErrorReply.WriteAsync(context, error);
            return;
        }

        await ActAsync(context, spaces, tags);
    }

    private async Task ActAsync(HttpContext context, string[] spaces, string[] tags)
    {
        var bumps = new List<BumpReply>();
        foreach (string space in spaces)
        {
            bumps.Add(await actions.BumpAsync(space, "webhook"));
        }

        var purges = new List<PurgeReply>();
        foreach (string tag in tags)
        {
            purges.Add(await actions.PurgeAsync(new EntrySelector { Tag = tag }, isDryRun: false, "webhook", CancellationToken.None));
        }

        bool hasFailed = purges.Any(purge => purge.Tiers.Any(tier => tier.Error is not null));
        await AdminHttp.WriteAsync(
            context, new WebhookReply(bumps, purges), AdminJson.Default.WebhookReply,
            hasFailed ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private RequestError? Judge(JsonFields fields, DateTimeOffset? sent, string[] spaces, string[] tags, string signature)
    {
        if (fields.Finish() is { } error)
        {
            return error;
        }

        if (sent is not { } instant)
        {
            return RequestError.Missing("timestamp");
        }

        if (Array.Find(spaces, space => !NamespaceName.IsValid(space)) is not null)
        {
            return RequestError.InvalidValue("namespaces", NamespaceName.Rule);
        }

        if (Array.Find(tags, tag => !NamespaceName.IsValidTag(tag)) is not null)
        {
            return RequestError.InvalidValue("tags", NamespaceName.TagRule);
        }

        if (spaces.Length + tags.Length == 0)
        {
            return RequestError.InvalidValue("namespaces", "name a namespace or a tag.");
        }

        return TryRemember(signature, instant)
            ? null
            : Refused($"The call is more than {Tolerance.TotalMinutes.ToString(CultureInfo.InvariantCulture)} minutes old or ahead, or came before.", "timestamp");
    }

    private bool TryRemember(string signature, DateTimeOffset sent)
    {
        DateTimeOffset now = time.GetUtcNow();
        if ((now - sent).Duration() > Tolerance)
        {
            return false;
        }

        lock (_lock)
        {
            foreach (string old in _seen.Where(pair => now - pair.Value > Tolerance).Select(pair => pair.Key).ToArray())
            {
                _seen.Remove(old);
            }

            return _seen.TryAdd(signature, sent);
        }
    }

    private static bool IsSigned(string given, byte[] expected)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        return given.StartsWith(Scheme, StringComparison.Ordinal)
            && given.Length == Scheme.Length + (2 * bytes.Length)
            && Convert.FromHexString(given.AsSpan(Scheme.Length), bytes, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(bytes, expected);
    }

    private static RequestError Refused(string message, string param) => new(message, param, "webhook_refused", StatusCodes.Status401Unauthorized);
}
