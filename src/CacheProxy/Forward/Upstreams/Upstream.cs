using System.Collections.Frozen;
using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Routes;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Forward.Upstreams;

/// <summary>One upstream as the settings describe it, its kind's defaults filled in. Immutable; its <see cref="Client"/> is not.</summary>
internal sealed class Upstream : UpstreamTarget
{
    private readonly FrozenSet<Dialect> _dialects;
    private readonly FrozenSet<int> _retryStatuses;

    private Upstream(UpstreamProfile profile, IReadOnlyList<Dialect> dialects, string retryStatuses)
    {
        Profile = profile;
        Dialects = dialects;
        _dialects = dialects.ToFrozenSet();
        _retryStatuses = retryStatuses.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(status => int.Parse(status, CultureInfo.InvariantCulture)).ToFrozenSet();
    }

    public UpstreamProfile Profile { get; }

    public required UpstreamOptions Options { get; init; }

    public required UpstreamCredential Credential { get; init; }

    public required UpstreamClient Client { get; init; }

    public required UpstreamAddress Address { get; init; }

    public IReadOnlyList<Dialect> Dialects { get; }

    public string KeyHeader => Options.ApiKeyHeader.Length > 0 ? Options.ApiKeyHeader : Profile.KeyHeader;

    /// <summary>Paid by the hour, not by the token.</summary>
    public bool IsOwnMachine => MachinePrice.IsMachine(Kind);

    public CacheHint Hint => Options.CacheHints ? Profile.Hint : CacheHint.None;

    public bool ReportsStreamUsage => Options.IncludeUsage ?? Profile.ReportsStreamUsage;

    public string HealthPath => Options.HealthPath.Length > 0 ? Options.HealthPath : Profile.HealthPath;

    public bool Serves(Dialect dialect) => _dialects.Contains(dialect);

    /// <summary>Another try, or another destination, may do better.</summary>
    public bool IsWorthAnother(int status) => _retryStatuses.Contains(status);

    public void AddKey(HttpRequestMessage request, string key)
        => request.Headers.TryAddWithoutValidation(KeyHeader, KeyHeader.Equals("Authorization", StringComparison.OrdinalIgnoreCase) ? $"Bearer {key}" : key);

    /// <param name="clients">Those of the settings before, kept where nothing that they depend on has changed.</param>
    /// <exception cref="FormatException">The key or the dialects cannot be used; the message begins with the setting's name.</exception>
    public static Upstream Create(UpstreamOptions options, IEnumerable<UpstreamClient> clients, TimeProvider clock)
    {
        UpstreamCredential? credential = UpstreamCredential.Create(options, clock, out string? fault);
        if (credential is null)
        {
            throw new FormatException(fault);
        }

        if (!DialectNames.TryRead(options.Dialects, out Dialect[] dialects, out string? unknown))
        {
            throw new FormatException($"{nameof(UpstreamOptions.Dialects)}: '{unknown}' is none of {DialectNames.Allowed}.");
        }

        UpstreamProfile profile = UpstreamProfile.Of(options.Kind);
        var tuning = UpstreamTuning.Of(options);
        string baseUrl = WithoutVersion(options.BaseUrl);
        return new Upstream(profile, dialects.Length > 0 ? dialects : profile.Dialects, options.RetryStatuses)
        {
            Name = options.Name,
            Kind = SharedText.Of(options.Kind.ToString().ToLowerInvariant()),
            BaseUrl = baseUrl,
            IsCacheProxyAware = options.CacheProxyAware || options.Kind == UpstreamKind.CacheProxy,
            Options = options,
            Credential = credential,
            Client = clients.FirstOrDefault(client => client.Tuning == tuning) ?? new UpstreamClient(tuning, clock),
            Address = new UpstreamAddress(options.Kind, baseUrl, options.ApiVersion),
        };
    }

    // Providers document their base address with /v1, and the request's path begins with it too.
    private static string WithoutVersion(string url)
    {
        string trimmed = url.TrimEnd('/');
        return trimmed.EndsWith("/v1", StringComparison.Ordinal) ? trimmed[..^3] : trimmed;
    }
}
