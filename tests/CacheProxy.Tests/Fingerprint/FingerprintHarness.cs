using System.Text;
using CacheProxy.Embeddings;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Routes;
using CacheProxy.Fingerprint;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tenancy;
using CacheProxy.Tests.SemanticCache;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>A fingerprinter with a fixed secret and one upstream for every model.</summary>
internal sealed class FingerprintHarness
{
    private readonly ScopeResolver _scopes;
    private readonly Fingerprinter _sut;
    private readonly EmbeddingFingerprinter _embeddings;

    public FingerprintHarness(ScopeMode scope = ScopeMode.Key, string secret = "a secret of more than thirty-two characters")
    {
        var keyed = new InstallationSecret(secret, "", NullLogger<InstallationSecret>.Instance);
        _scopes = new ScopeResolver(keyed, new TestOptions<TenantOptions>(new TenantOptions { Scope = scope }));
        _sut = new Fingerprinter(keyed, _scopes, new OneUpstream(Upstream), Epochs);
        _embeddings = new EmbeddingFingerprinter(keyed, _scopes, new OneUpstream(Upstream), Epochs);
    }

    public FakeEpochs Epochs { get; } = new();

    public ExactOptions Options { get; init; } = new();

    public string Upstream { get; set; } = "backend";

    /// <summary>The API that the bodies speak.</summary>
    public Dialect Dialect { get; init; }

    public string Variant { get; init; } = "";

    public FingerprintedRequest Read(string body, string key = "", string space = "")
        => TryRead(body, out FingerprintedRequest? request, out RequestError? error, key, space) ? request! : throw new InvalidOperationException(error!.Message);

    public Fingerprint256 Of(string body, string key = "", string space = "") => Read(body, key, space).Fingerprint;

    /// <summary>What the semantic stage reads of a request that has come through this one.</summary>
    public Conversation? ConversationOf(string body, string key = "")
    {
        FingerprintedRequest request = Read(body, key);
        ExchangeFeature exchange = Exchange(body, key);
        (exchange.Facts, exchange.Route) = (request.Facts, request.Route);
        return _sut.ReadConversation(exchange, Options);
    }

    public Fingerprint256 PartitionOf(string body) => Read(body).Partition;

    /// <summary>The identities of an embedding request's inputs, in their order.</summary>
    public Fingerprint256[] InputsOf(string body, string key = "", string space = "")
    {
        EmbeddingBatch batch = _embeddings.Read(Exchange(body, key, space), Options, int.MaxValue, out _)!;
        return [.. batch.Distinct.Select(distinct => batch.Fingerprints[distinct])];
    }

    public RequestError? ErrorOf(byte[] body)
        => _sut.TryFingerprint(Exchange(body), Options, out _, out RequestError? error) ? null : error;

    public bool TryRead(string body, out FingerprintedRequest? request, out RequestError? error, string key = "", string space = "")
        => _sut.TryFingerprint(Exchange(body, key, space), Options, out request, out error);

    public ExchangeFeature Exchange(string body, string key = "", string space = "") => Exchange(Encoding.UTF8.GetBytes(body), key, space);

    public ExchangeFeature Exchange(byte[] body, string key = "", string space = "")
    {
        var headers = new HeaderDictionary();
        if (key.Length > 0)
        {
            headers["Authorization"] = $"Bearer {key}";
        }

        return new ExchangeFeature
        {
            Dialect = Dialect,
            Scope = _scopes.Resolve(headers),
            Body = body,
            Namespace = space,
            Variant = Variant,
        };
    }

    private sealed class OneUpstream(string name) : IUpstreamDirectory
    {
        public UpstreamRoute Default { get; } = new()
        {
            Name = name,
            Destinations = [new UpstreamDestination { Target = new UpstreamTarget { Name = name, BaseUrl = "http://localhost" } }],
        };

        public IReadOnlyList<UpstreamTarget> All => [Default.Destinations[0].Target];

        public UpstreamRoute? Find(string model, Dialect dialect) => Default;
    }
}
