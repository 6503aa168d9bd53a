using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Execution.Device;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Execution.Device;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Inference.Tests.Execution;

public sealed class ModelRunnerFactoryTests : IDisposable
{
    private readonly GgufFile _file = GgufFile.Open(TinyModels.Path("llama-gqa-f16.gguf"));
    private readonly LineLogger _log = new();

    public static TheoryData<Type> Reasons => [typeof(DllNotFoundException), typeof(NotSupportedException), typeof(InvalidOperationException)];

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Load_WithACard_RunsThereAndSaysSo()
    {
        using IModelRunner runner = ModelRunnerFactory.Load(_file, new ModelRunnerOptions { DeviceBlockCount = 3 }, _log, () => new HostDevice());

        Assert.IsType<DeviceModelRunner>(runner);
        Assert.Equal((LogLevel.Information, $"{_file.Path} runs on the GPU with 3 KV blocks of 256 tokens"), Assert.Single(_log.Lines));
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Load_CardWantedButNotUsable_FallsBackToTheCpuWithAWarning(Type type)
    {
        var reason = (Exception)Activator.CreateInstance(type, "no device found")!;
        using IModelRunner runner = ModelRunnerFactory.Load(_file, new ModelRunnerOptions { Device = ModelDevice.Cuda, BlockCount = 4 }, _log, () => throw reason);

        Assert.IsType<OnnxModelRunner>(runner);
        Assert.Equal((LogLevel.Warning, $"{_file.Path} runs on the CPU: no GPU is usable ({reason.Message})"), Assert.Single(_log.Lines));
    }

    [Fact]
    public void Load_NoCardAndNoneAskedFor_IsOnlyInformed()
    {
        using IModelRunner runner = ModelRunnerFactory.Load(_file, new ModelRunnerOptions { BlockCount = 4 }, _log, () => throw new NotSupportedException("none"));

        Assert.Equal(LogLevel.Information, Assert.Single(_log.Lines).Level);
    }

    [Fact]
    public void Load_CpuAskedFor_NeverLooksForACard()
    {
        using IModelRunner runner = ModelRunnerFactory.Load(_file, new ModelRunnerOptions { Device = ModelDevice.Cpu, BlockCount = 4 }, _log, () => throw new InvalidCastException());

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Load_OnThisMachinesLibrary_GivesARunnerThatRuns()
    {
        using IModelRunner runner = ModelRunnerFactory.Load(_file, new ModelRunnerOptions { BlockCount = 4 }, _log);

        Assert.Equal(512, runner.Prefill([1, 2, 3], [0]).Length);
    }

    private sealed class LineLogger : ILogger
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
