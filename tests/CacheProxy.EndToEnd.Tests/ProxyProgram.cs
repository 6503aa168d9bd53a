using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>The whole product in one process, as the first command of the README starts it, but on free ports and with its data in a folder of its own.</summary>
public sealed class ProxyProgram : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("cacheproxy-data-").FullName;
    private ServerProgram? _program;

    public Uri Address => _program!.Address;

    public string Log => _program!.Log;

    public ValueTask InitializeAsync() => StartAsync();

    /// <summary>Ends the program as Ctrl-C does and starts it again over the same data.</summary>
    /// <returns>The exit code of the first.</returns>
    public async Task<int> RestartAsync()
    {
        int code = await _program!.InterruptAsync();
        await _program.DisposeAsync();
        await StartAsync();
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

    private async ValueTask StartAsync()
    {
        Uri address = ServerProgram.FreeAddress();
        _program = await ServerProgram.StartAsync("CacheProxy", address, [], new Dictionary<string, string>
        {
            ["CACHEPROXY__Server__Url"] = address.ToString(),
            ["CACHEPROXY__Backend__Url"] = ServerProgram.FreeAddress().ToString(),
            ["CACHEPROXY__Data__Path"] = _data,
            // What is found is proved here, not how fast: a busy test machine must not turn a hit into a miss.
            ["CACHEPROXY__Semantic__BudgetMilliseconds"] = "5000",
        });
    }
}
