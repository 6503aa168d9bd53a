using CacheProxy.EndToEnd.Tests.Support;

[assembly: AssemblyFixture(typeof(CacheProxy.EndToEnd.Tests.Programs))]

namespace CacheProxy.EndToEnd.Tests;

/// <summary>Each program is started once, by the first test that needs it, and serves all tests.</summary>
public sealed class Programs : IAsyncDisposable
{
    private readonly string _model = Directory.CreateTempSubdirectory("cacheproxy-model-").FullName;
    private readonly Lazy<Task<ServerProgram>> _backend;
    private readonly Lazy<Task<ProxyProgram>> _proxy;
    private readonly Lazy<Task<ServerProgram>> _toolBackend;
    private readonly Lazy<Task<ProxyProgram>> _toolProxy;

    public Programs()
    {
        _backend = new(() => StartBackendAsync("--kv-blocks", "640"));
        _proxy = new(() => ProxyProgram.StartAsync());
        _toolBackend = new(StartToolBackendAsync);
        _toolProxy = new(async () => await ProxyProgram.StartAsync((await _toolBackend.Value).Address));
    }

    public async Task<Uri> AddressOfAsync(Server server) => server switch
    {
        Server.Backend => (await _backend.Value).Address,
        Server.Proxy => (await _proxy.Value).Address,
        Server.ToolBackend => (await _toolBackend.Value).Address,
        _ => (await _toolProxy.Value).Address,
    };

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(DisposeAsync(_proxy), DisposeAsync(_toolProxy), DisposeAsync(_backend));
        await DisposeAsync(_toolBackend);
        Directory.Delete(_model, recursive: true);
    }

    private static async Task DisposeAsync<T>(Lazy<Task<T>> program)
        where T : IAsyncDisposable
    {
        // One that did not start has failed the tests that asked for it.
        if (program.IsValueCreated && program.Value.IsCompletedSuccessfully)
        {
            await (await program.Value).DisposeAsync();
        }
    }

    private static Task<ServerProgram> StartBackendAsync(params string[] arguments)
    {
        Uri address = ServerProgram.FreeAddress();
        return ServerProgram.StartAsync("CacheProxy.Inference.Server", address, ["--url", address.ToString(), .. arguments], new Dictionary<string, string>());
    }

    private Task<ServerProgram> StartToolBackendAsync()
    {
        ToolModel.WriteTo(_model);
        return StartBackendAsync("--model", _model, "--name", ToolModel.Name);
    }
}
