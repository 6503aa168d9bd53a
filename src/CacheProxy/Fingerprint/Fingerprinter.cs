using System.Buffers.Binary;
using System.Text;
using CacheProxy.Entry;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Routes;
using CacheProxy.Fingerprint.Dialects;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tenancy;

namespace CacheProxy.Fingerprint;

/// <summary>
/// Turns a body into its fingerprint: HMAC-SHA256, keyed with the installation's secret, over the canonical request followed by
/// <code>scope:32  namespace  epoch:4  namespace's epoch:4  form:1  variant  user  route  model  requested model  domain:1</code>
/// with a length before every text. The form is 0 for what dialects share (<see cref="SharedForm"/>), else one more than the dialect. Where
/// the last turn is a question in words, the partition is the same with the question cut out and another domain byte, and the fingerprint
/// <code>
/// HMAC-SHA256 of   partition:32  where the question began:4  question  domain:1
/// </code>
/// which says no less, because the three give the whole back, and goes through a long prompt once instead of twice.
/// </summary>
public sealed class Fingerprinter(
    InstallationSecret secret, ScopeResolver scopes, IUpstreamDirectory upstreams, INamespaceEpochs epochs)
{
    private const byte SharedFormByte = 0;

    // About 40 KB per thread and dialect that fingerprints; the buffers grow once and are then free of allocation.
    [ThreadStatic]
    private static RequestReader?[]? s_readers;

    private static ReadOnlySpan<byte> FingerprintDomain => [1];

    private static ReadOnlySpan<byte> PartitionDomain => [2];

    // 3 is the embedding inputs'.
    private static ReadOnlySpan<byte> QuestionDomain => [4];

    private static ReadOnlySpan<byte> ConversationDomain => [5];

    /// <summary>False: requests of this dialect pass the stages by.</summary>
    public static bool Reads(Dialect dialect) => dialect != Dialect.OpenAIEmbeddings;

    /// <summary>False: <paramref name="error"/> says what is wrong with the body.</summary>
    public bool TryFingerprint(ExchangeFeature exchange, ExactOptions options, out FingerprintedRequest? request, out RequestError? error)
    {
        request = null;
        RequestReader reader = ReaderOf(exchange.Dialect);
        error = reader.Read(exchange.Body.Span, options.AssumeOpenAIDefaults);
        if (error is not null)
        {
            return false;
        }

        RequestFacts facts = reader.Draft.ToFacts();
        // What names no model goes where everything goes that no model routes.
        UpstreamRoute? route = facts.Model.Length > 0 ? upstreams.Find(facts.Model, exchange.Dialect) : upstreams.FindDefault(exchange.Dialect);
        if (route is null)
        {
            error = upstreams.Refuse(facts.Model, exchange.Dialect);
            return false;
        }

        request = Hash(reader.Draft, exchange, options, facts, route);
        return true;
    }

    /// <summary>Reads an already fingerprinted request once more, for its earlier turns.</summary>
    /// <returns>Null: it has none, or one of them cannot be compared by its words.</returns>
    public Conversation? ReadConversation(ExchangeFeature exchange, ExactOptions options)
    {
        RequestReader reader = ReaderOf(exchange.Dialect);
        RequestDraft draft = reader.Draft;
        draft.KeepsTurns = true;
        try
        {
            return exchange.Route is { } route && reader.Read(exchange.Body.Span, options.AssumeOpenAIDefaults) is null && ConversationTurns.Of(draft.TurnList) is { } earlier
                ? new Conversation(HashConversation(draft, exchange, options, route), earlier)
                : null;
        }
        finally
        {
            draft.KeepsTurns = false;
            draft.Clear();
        }
    }

    private Fingerprint256 HashConversation(RequestDraft draft, ExchangeFeature exchange, ExactOptions options, UpstreamRoute route)
    {
        bool isShared = options.ShareDialects && RequestVariant.IsPlain(exchange.Variant) && !draft.Buffer.HasDuplicateNames && draft.Shared.TryComplete();
        CanonicalBuffer buffer = isShared ? draft.Shared.Buffer : draft.Buffer;
        if (isShared)
        {
            // The number of turns is in front, their roles alternate: the texts are all that there is to take out.
            buffer.Blank(draft.Shared.TurnsAt, buffer.Length);
        }
        else
        {
            ConversationTurns.Blank(draft);
        }

        AppendContext(buffer, exchange, options.Epoch, epochs.Of(exchange.Namespace), isShared ? SharedFormByte : (byte)(exchange.Dialect + 1));
        WriteText(buffer, scopes.IsPerUser ? exchange.Facts.User ?? "" : "");
        AppendModel(buffer, route, exchange.Facts.Model);
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        secret.Hash(buffer.Written, ConversationDomain, [], hash);
        return new Fingerprint256(hash);
    }

    private FingerprintedRequest Hash(RequestDraft draft, ExchangeFeature exchange, ExactOptions options, RequestFacts facts, UpstreamRoute route)
    {
        bool hasDuplicates = draft.Buffer.HasDuplicateNames;
        bool isShared = options.ShareDialects && RequestVariant.IsPlain(exchange.Variant) && !hasDuplicates && draft.Shared.TryComplete();
        CanonicalBuffer buffer = isShared ? draft.Shared.Buffer : draft.Buffer;
        (int start, int end) = isShared ? draft.Shared.Question : draft.Question;
        int epoch = epochs.Of(exchange.Namespace);
        AppendContext(buffer, exchange, options.Epoch, epoch, isShared ? SharedFormByte : (byte)(exchange.Dialect + 1));
        WriteText(buffer, scopes.IsPerUser ? facts.User ?? "" : "");
        AppendModel(buffer, route, facts.Model);
        ReadOnlySpan<byte> written = buffer.Written;
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes + sizeof(int)];
        Span<byte> result = hash[..Fingerprint256.SizeBytes];
        if (facts.LastUserText is null)
        {
            // A partition of its own: nothing is left out of it.
            secret.Hash(written, FingerprintDomain, [], result);
            var whole = new Fingerprint256(result);
            return new FingerprintedRequest(whole, whole, facts, route, epoch, hasDuplicates);
        }

        secret.Hash(written[..start], written[end..], PartitionDomain, result);
        var partition = new Fingerprint256(result);
        BinaryPrimitives.WriteInt32LittleEndian(hash[Fingerprint256.SizeBytes..], start);
        secret.Hash(hash, written[start..end], QuestionDomain, result);
        return new FingerprintedRequest(new Fingerprint256(result), partition, facts, route, epoch, hasDuplicates);
    }

    private static RequestReader ReaderOf(Dialect dialect)
    {
        RequestReader?[] readers = s_readers ??= new RequestReader?[Enum.GetValues<Dialect>().Length];
        return readers[(int)dialect] ??= new RequestReader(dialect switch
        {
            Dialect.OpenAIChat => new ChatPrompt(),
            Dialect.OpenAICompletions => new CompletionsPrompt(),
            Dialect.OpenAIResponses => new ResponsesPrompt(),
            Dialect.AnthropicMessages => new MessagesPrompt(),
            _ => throw new ArgumentOutOfRangeException(nameof(dialect), dialect, "No reader."),
        });
    }

    /// <summary>What is in every fingerprint beside the request's own fields, but for user and model.</summary>
    internal static void AppendContext(CanonicalBuffer buffer, ExchangeFeature exchange, int epoch, int namespaceEpoch, byte form)
    {
        Span<byte> scope = stackalloc byte[Fingerprint256.SizeBytes];
        exchange.Scope.Hash.CopyTo(scope);
        buffer.WriteBytes(scope);
        WriteText(buffer, exchange.Namespace);
        buffer.WriteInt32(epoch);
        buffer.WriteInt32(namespaceEpoch);
        buffer.WriteByte(form);
        WriteText(buffer, form == SharedFormByte ? "" : exchange.Variant);
    }

    // Names of one model have answers of their own unless the route says otherwise: what an upstream makes of a name is its business.
    internal static void AppendModel(CanonicalBuffer buffer, UpstreamRoute route, string requested)
    {
        WriteText(buffer, route.Name);
        WriteText(buffer, route.ModelOf(requested));
        WriteText(buffer, route.SharesAliases ? "" : requested);
    }

    internal static void WriteText(CanonicalBuffer buffer, string text) => buffer.WriteBytes(text.Length == 0 ? [] : Encoding.UTF8.GetBytes(text));
}
