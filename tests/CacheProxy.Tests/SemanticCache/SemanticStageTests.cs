using CacheProxy.SemanticCache;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>How the stage's services start and stop around loads that a reload asks for.</summary>
public sealed class SemanticStageTests
{
    private readonly TestOptions<SemanticOptions> _options = new(new SemanticOptions { Policy = SemanticOptions.OffPolicy });
    private readonly List<StubService> _services = [new(), new(), new()];
    private readonly TaskCompletionSource _mayLoad = new();
    private int _loads;

    [Fact]
    public async Task Stop_LoadUnderWay_IsWaitedForAndItsServicesStopped()
    {
        using SemanticStage sut = CreateSut();
        await sut.StartAsync(TestContext.Current.CancellationToken);
        SwitchOn();
        await Wait.UntilAsync(() => Volatile.Read(ref _loads) == 1, "the load is under way");

        Task stop = sut.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(stop.IsCompleted);
        _mayLoad.SetResult();
        await stop;

        Assert.All(_services, service => Assert.Equal((1, 1), (service.Starts, service.Stops)));
    }

    [Fact]
    public async Task Reload_AfterTheStop_LoadsNothing()
    {
        _mayLoad.SetResult();
        using SemanticStage sut = CreateSut();
        await sut.StartAsync(TestContext.Current.CancellationToken);
        await sut.StopAsync(TestContext.Current.CancellationToken);

        SwitchOn();
        await sut.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, _loads);
    }

    [Fact]
    public async Task Stop_OneServiceFails_TheOthersStop()
    {
        _mayLoad.SetResult();
        _services[1].StopFailure = new InvalidOperationException("no");
        _options.CurrentValue = new SemanticOptions();
        using SemanticStage sut = CreateSut();
        await sut.StartAsync(TestContext.Current.CancellationToken);

        await sut.StopAsync(TestContext.Current.CancellationToken);

        Assert.All(_services, service => Assert.Equal(1, service.Stops));
    }

    [Fact]
    public async Task Reload_OneServiceDoesNotStart_TheOthersStopAndTheNextReloadTriesAgain()
    {
        _mayLoad.SetResult();
        _services[1].StartFailure = new IOException("no");
        using SemanticStage sut = CreateSut();
        await sut.StartAsync(TestContext.Current.CancellationToken);

        SwitchOn();
        await Wait.UntilAsync(() => _services[0].Stops == 1, "what had started is stopped");
        Assert.Equal(0, _services[2].Starts);
        _services[1].StartFailure = null;
        SwitchOn();

        await Wait.UntilAsync(() => _services[2].Starts == 1, "the second load has started all");
        Assert.Equal(2, _loads);
        await sut.StopAsync(TestContext.Current.CancellationToken);
    }

    private SemanticStage CreateSut() => new(
        () =>
        {
            Interlocked.Increment(ref _loads);
            _mayLoad.Task.Wait(TestContext.Current.CancellationToken);
            return new SemanticParts(null!, null!, null!, null!, _services, []);
        },
        null!, _options, NullLogger<SemanticStage>.Instance);

    private void SwitchOn()
    {
        _options.CurrentValue = new SemanticOptions();
        _options.Changed!(_options.CurrentValue, null);
    }

    private sealed class StubService : IHostedService
    {
        public int Starts { get; private set; }

        public int Stops { get; private set; }

        public Exception? StartFailure { get; set; }

        public Exception? StopFailure { get; set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Starts++;
            return StartFailure is null ? Task.CompletedTask : Task.FromException(StartFailure);
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Stops++;
            return StopFailure is null ? Task.CompletedTask : Task.FromException(StopFailure);
        }
    }
}
