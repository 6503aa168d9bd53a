using CacheProxy.Budget;
using CacheProxy.Budget.Shared;
using CacheProxy.Exchange;
using CacheProxy.Stores.Redis;
using CacheProxy.Stores.Resilience;
using CacheProxy.Tenancy;
using CacheProxy.Tests.SemanticCache;
using CacheProxy.Tests.Stores;
using CacheProxy.Tests.Stores.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Budget;

/// <summary>What one proxy has of budgets, without the proxy.</summary>
internal sealed class BudgetNode : IDisposable
{
    private readonly RedisBudgets? _store;

    /// <param name="redis">Null: it counts alone.</param>
    public BudgetNode(BudgetsOptions budgets, RedisServer? redis = null, TimeProvider? time = null, int budgetMilliseconds = 2000)
    {
        var tenants = new TestOptions<TenantOptions>(new TenantOptions());
        var secret = new InstallationSecret("c2hhcmVkLWJ5LWFsbC1wcm94aWVzLW9mLXRoaXMtZmxlZXQ=", "", NullLogger<InstallationSecret>.Instance);
        Options = new TestOptions<BudgetsOptions>(budgets);
        Book = new BudgetBook(Options, new TenantNames(secret, tenants, NullLogger<TenantNames>.Instance), new ScopeResolver(secret, tenants), time ?? TimeProvider.System);
        if (redis is not null)
        {
            var resilience = new ResilienceOptions { Budget = TimeSpan.FromMilliseconds(budgetMilliseconds), BreakDuration = TimeSpan.FromSeconds(1) };
            _store = new RedisBudgets(
                new RedisOptions { Url = redis.Url, BudgetMilliseconds = budgetMilliseconds },
                new ResilientCall("redis budgets", resilience, TimeProvider.System, NullLogger<ResilientCall>.Instance));
            Shared = new SharedBudgets(Book, _store, TimeProvider.System, Log);
        }
    }

    public TestOptions<BudgetsOptions> Options { get; }

    public BudgetBook Book { get; }

    public SharedBudgets? Shared { get; }

    public RecordedLog<SharedBudgets> Log { get; } = new();

    public AccountWindow[] Windows(string model = "m", string? user = null) => Book.Find(new ExchangeFeature
    {
        Dialect = Dialect.OpenAIChat,
        Scope = new Scope(SampleEntries.Fingerprint(1)),
        Body = new byte[30],
        Facts = new RequestFacts { Model = model, User = user },
    });

    public BudgetAmount Used
    {
        get
        {
            lock (Book.Lock)
            {
                return Windows()[0].Used;
            }
        }
    }

    /// <summary>Sets aside; null where it fits.</summary>
    public async Task<BudgetRefusal?> TryAsync(long tokens = 0)
    {
        AccountWindow[] windows = Windows();
        var amount = new BudgetAmount(1, tokens, 0);
        return Shared is null ? Book.TryAdd(windows, amount) : await Shared.TryAddAsync(windows, amount);
    }

    /// <summary>Counts without asking.</summary>
    public void Add(BudgetAmount amount)
    {
        AccountWindow[] windows = Windows();
        lock (Book.Lock)
        {
            Array.ForEach(windows, window => window.Add(amount));
        }
    }

    public Task RefreshAsync() => Shared!.RefreshAsync(Windows());

    /// <summary>Until a call reaches the others.</summary>
    public Task ConnectAsync() => Wait.UntilAsync(
        async () =>
        {
            await RefreshAsync();
            return !Shared!.IsAlone;
        },
        "a connection");

    public void Dispose() => _store?.Dispose();

    public static BudgetsOptions Limits(params BudgetOptions[] budgets)
    {
        var options = new BudgetsOptions();
        for (int i = 0; i < budgets.Length; i++)
        {
            budgets[i].Name = $"b{i}";
            budgets[i].Window ??= BudgetWindow.Month;
            options.Add(budgets[i]);
        }

        return options;
    }
}
