using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>The product as the first command of the README starts it, but on free ports and with its data in a folder of its own.</summary>
public sealed class ProxyProgram : IAsyncDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("cacheproxy-data-").FullName;
    private readonly Uri? _backend;
    private ServerProgram? _program;

    private ProxyProgram(Uri? backend) => _backend = backend;

    public Uri Address => _program!.Address;

    /// <param name="backend">Where the backend is; null: inside the program.</param>
    public static async Task<ProxyProgram> StartAsync(Uri? backend = null)
    {
        var proxy = new ProxyProgram(backend);
        await proxy.StartProgramAsync();
        return proxy;
    }

    /// <summary>Ends the program as Ctrl-C does and starts it again over the same data.</summary>
    /// <returns>The exit code of the first.</returns>
    public async Task<int> RestartAsync()
    {
        int code = await _program!.InterruptAsync();
        await _program.DisposeAsync();
        await StartProgramAsync();
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
        {
            await _program.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    private async Task StartProgramAsync()
    {
        Uri address = ServerProgram.FreeAddress();
        _program = await ServerProgram.StartAsync("CacheProxy", address, [], new Dictionary<string, string>
        {
            ["CACHEPROXY__Server__Url"] = address.ToString(),
            ["CACHEPROXY__Backend__Url"] = (_backend ?? ServerProgram.FreeAddress()).ToString(),
            ["CACHEPROXY__Backend__Mode"] = _backend is null ? "embedded" : "none",
            ["CACHEPROXY__Data__Path"] = _data,
            // A few tokens are enough for what is proved here, and calls are replayed.
            ["CACHEPROXY__Exact__AllowTruncated"] = "true",
            ["CACHEPROXY__Exact__AllowToolCalls"] = "true",
            // What is found is proved here, not how fast: a busy test machine must not turn a hit into a miss.
            ["CACHEPROXY__Data__BudgetMilliseconds"] = "5000",
            ["CACHEPROXY__Semantic__BudgetMilliseconds"] = "5000",
        });
    }
}
