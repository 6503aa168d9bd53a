using System.Security.Cryptography;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tenancy;

namespace CacheProxy.Fingerprint;

/// <summary>
/// Turns a body into its fingerprint: HMAC-SHA256, keyed with the installation's secret, over the canonical request followed by
/// <code>scope:32  namespace  epoch:4  namespace's epoch:4  dialect:1  user  route  model  requested model  domain:1</code>
/// with a length before every text. The partition is the same with the last user turn's content cut out and another domain byte.
/// </summary>
public sealed class Fingerprinter(
    InstallationSecret secret, ScopeResolver scopes, IUpstreamDirectory upstreams, INamespaceEpochs epochs)
{
    private const byte FingerprintDomain = 1;
    private const byte PartitionDomain = 2;

    // About 20 KB per thread that fingerprints; the buffers grow once and are then free of allocation.
    [ThreadStatic]
    private static ChatRequestReader? s_reader;

    /// <summary>False: requests of this dialect pass the stages by.</summary>
    public static bool Reads(Dialect dialect) => dialect == Dialect.OpenAIChat;

    /// <summary>False: <paramref name="error"/> says what is wrong with the body.</summary>
    public bool TryFingerprint(ExchangeFeature exchange, ExactOptions options, out FingerprintedRequest? request, out RequestError? error)
    {
        ChatRequestReader reader = s_reader ??= new ChatRequestReader();
        request = null;
        error = reader.Read(exchange.Body.Span, options.AssumeOpenAIDefaults);
        if (error is not null)
        {
            return false;
        }

        RequestFacts facts = reader.Facts;
        UpstreamRoute? route = upstreams.Find(facts.Model, exchange.Dialect);
        if (route is null)
        {
            error = upstreams.Refuse(facts.Model, exchange.Dialect);
            return false;
        }

        int epoch = epochs.Of(exchange.Namespace);
        AppendContext(reader.Buffer, exchange, options.Epoch, epoch, scopes.IsPerUser ? facts.User ?? "" : "");
        AppendModel(reader.Buffer, route, facts.Model);
        Fingerprint256 fingerprint = Hash(reader.Buffer, FingerprintDomain);
        if (facts.LastUserText is not null)
        {
            reader.Buffer.Cut(reader.Question.Start, reader.Question.End);
        }

        request = new FingerprintedRequest(fingerprint, Hash(reader.Buffer, PartitionDomain), facts, route, epoch, reader.Buffer.HasDuplicateNames);
        return true;
    }

    private Fingerprint256 Hash(CanonicalBuffer buffer, byte domain)
    {
        buffer.WriteByte(domain);
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        HMACSHA256.HashData(secret.Bytes, buffer.Written, hash);
        buffer.Truncate(buffer.Length - 1);
        return new Fingerprint256(hash);
    }

    private static void AppendContext(CanonicalBuffer buffer, ExchangeFeature exchange, int epoch, int namespaceEpoch, string user)
    {
        Span<byte> scope = stackalloc byte[Fingerprint256.SizeBytes];
        exchange.Scope.Hash.CopyTo(scope);
        buffer.WriteBytes(scope);
        WriteText(buffer, exchange.Namespace);
        buffer.WriteInt32(epoch);
        buffer.WriteInt32(namespaceEpoch);
        buffer.WriteByte((byte)exchange.Dialect);
        WriteText(buffer, user);
    }

    // Names of one model have answers of their own unless the route says otherwise: what an upstream makes of a name is its business.
    private static void AppendModel(CanonicalBuffer buffer, UpstreamRoute route, string requested)
    {
        WriteText(buffer, route.Name);
        WriteText(buffer, route.ModelOf(requested));
        WriteText(buffer, route.SharesAliases ? "" : requested);
    }

    private static void WriteText(CanonicalBuffer buffer, string text) => buffer.WriteBytes(text.Length == 0 ? [] : Encoding.UTF8.GetBytes(text));
}
