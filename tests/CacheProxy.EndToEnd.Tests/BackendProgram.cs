using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>The backend alone, started once for its tests.</summary>
public sealed class BackendProgram : IAsyncLifetime
{
    private ServerProgram? _program;

    public Uri Address { get; } = ServerProgram.FreeAddress();

    public async ValueTask InitializeAsync()
        => _program = await ServerProgram.StartAsync(
            "CacheProxy.Inference.Server", Address, ["--url", Address.ToString(), "--kv-blocks", "640"], new Dictionary<string, string>());

    public ValueTask DisposeAsync() => _program?.DisposeAsync() ?? ValueTask.CompletedTask;
}
