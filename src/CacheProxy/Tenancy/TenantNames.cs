using System.Collections.Concurrent;
using System.Collections.Frozen;
using CacheProxy.Exchange;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tenancy;

/// <summary>
/// What a sender is called: the name that <c>Tenants:Names</c> gives its key, else the key's id, the first 16 hex digits of its hash. Where
/// several keys share one scope (<c>Tenants:Scope</c> <c>shared</c>) it is still the key that counts. A known sender allocates nothing.
/// </summary>
public sealed partial class TenantNames(InstallationSecret secret, IOptionsMonitor<TenantOptions> options, ILogger<TenantNames> logger)
{
    public const int IdLength = 16;

    // Ids of senders are made of what clients send; beyond this many a clean slate is cheaper than tracking who is idle.
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<Fingerprint256, string> _ids = new();
    private readonly ILogger _logger = logger;
    private volatile Table? _table;

    /// <summary>Another object whenever names may have changed.</summary>
    public object Version => options.CurrentValue;

    /// <summary>The name, or the id where there is none.</summary>
    public string Of(ExchangeFeature exchange) => NameOf(IdOf(exchange));

    /// <summary>The id of the key that the request came with.</summary>
    public string IdOf(ExchangeFeature exchange)
    {
        Fingerprint256 sender = exchange.Sender;
        return sender == default ? exchange.Scope.ShortId : IdOf(sender);
    }

    /// <param name="id">Of a key.</param>
    /// <returns>The id itself where no name is given to it.</returns>
    public string NameOf(string id)
    {
        TenantOptions current = options.CurrentValue;
        Table? table = _table;
        if (table is null || !ReferenceEquals(table.Source, current))
        {
            // With the keys that are there now: their files may have changed since the settings were checked.
            _table = table = new Table(current, this);
        }

        return table.Names.TryGetValue(id, out string? name) ? name : id;
    }

    /// <summary>The name, or the id, of the key whose scope's hash this is.</summary>
    public string NameOfScope(string scope) => NameOf(scope.Length > IdLength ? scope[..IdLength] : scope);

    /// <summary>The id that a key has under this installation's secret.</summary>
    public string IdOfKey(string key)
    {
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        secret.Hash(System.Text.Encoding.UTF8.GetBytes(key.Trim()), hash);
        return new Fingerprint256(hash).ToString()[..IdLength];
    }

    /// <summary>Name and id of each that has one, in the order of the settings.</summary>
    public IReadOnlyList<(string Name, string Id)> All
    {
        get
        {
            _ = NameOf("");
            return _table!.InOrder;
        }
    }

    private string IdOf(Fingerprint256 sender)
    {
        if (_ids.TryGetValue(sender, out string? id))
        {
            return id;
        }

        if (_ids.Count >= MaxRemembered)
        {
            _ids.Clear();
        }

        return _ids.GetOrAdd(sender, static hash => hash.ToString()[..IdLength]);
    }

    private sealed class Table
    {
        public Table(TenantOptions source, TenantNames owner)
        {
            Source = source;
            var all = new List<(string, string)>();
            var byId = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (TenantName tenant in source.Names)
            {
                string? id = tenant.KeyId.Length > 0 ? tenant.KeyId : tenant.ReadKey() is { } key ? owner.IdOfKey(key) : null;
                if (id is null)
                {
                    Log.NoKey(owner._logger, tenant.Name);
                }
                else if (byId.TryAdd(id, tenant.Name))
                {
                    all.Add((tenant.Name, id));
                }
                else
                {
                    // Given once as an id and once as the key itself: only here both are known.
                    Log.SameKey(owner._logger, tenant.Name, byId[id]);
                }
            }

            InOrder = all;
            Names = byId.ToFrozenDictionary(StringComparer.Ordinal);
        }

        public TenantOptions Source { get; }

        public FrozenDictionary<string, string> Names { get; }

        public IReadOnlyList<(string Name, string Id)> InOrder { get; }
    }

    private static partial class Log
    {
        [LoggerMessage(12, LogLevel.Warning, "The key of tenant {Name} cannot be read any more: it goes by its id", EventName = "TenantKeyMissing")]
        public static partial void NoKey(ILogger logger, string name);

        [LoggerMessage(13, LogLevel.Warning, "Tenants {Name} and {Other} have the same key: it goes by the second name", EventName = "TenantKeyTwice")]
        public static partial void SameKey(ILogger logger, string name, string other);
    }
}
