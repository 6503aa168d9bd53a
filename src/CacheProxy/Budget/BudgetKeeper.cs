using CacheProxy.Budget.Shared;

namespace CacheProxy.Budget;

/// <summary>Behind the requests: reads what the last process counted, keeps what is counted now, and once a second tells and hears the other proxies.</summary>
internal sealed class BudgetKeeper(BudgetBook book, BudgetFile file, SharedBudgets? shared, TimeProvider time) : BackgroundService
{
    // What a process that is killed forgets.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // 10,000 accounts are about 2 MB of file: they are written every ten seconds.
    private const int WindowsPerSecond = 1000;

    private const int AskedAtOnce = 64;
    private const int MostAsked = 512;

    // Without others there is one share, whoever's: a restart goes on with it.
    private readonly string _proxy = shared?.Proxy ?? Guid.NewGuid().ToString("N")[..16];
    private int _place;
    private int _skip;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        file.Load(book);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await ShareAsync();
        file.Save(book, _proxy);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await ShareAsync();
            if (_skip-- <= 0)
            {
                _skip = file.Save(book, _proxy) / WindowsPerSecond;
            }
        }
    }

    /// <summary>Tells what changed, and of the rest asks for some each time.</summary>
    private async Task ShareAsync()
    {
        if (shared is null || book.IsEmpty)
        {
            return;
        }

        AccountWindow[] present = book.Present;
        AccountWindow[] changed;
        lock (book.Lock)
        {
            changed = [.. book.Windows.Where(window => window.Changes != window.Told)];
        }

        int others = Math.Min(present.Length, Math.Max(0, MostAsked - changed.Length));
        IEnumerable<AccountWindow> turn = Enumerable.Range(0, others).Select(i => present[(_place + i) % present.Length]);
        _place = present.Length == 0 ? 0 : (_place + others) % present.Length;
        foreach (AccountWindow[] some in changed.Concat(turn).Distinct().Chunk(AskedAtOnce).ToArray())
        {
            await shared.RefreshAsync(some);
            if (shared.IsAlone)
            {
                return;
            }
        }
    }
}
