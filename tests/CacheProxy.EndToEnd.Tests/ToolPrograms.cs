using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>A backend that serves a model with tools, and a proxy in front of it as a process of its own.</summary>
public sealed class ToolPrograms : IAsyncLifetime
{
    private readonly string _model = Directory.CreateTempSubdirectory("cacheproxy-model-").FullName;
    private readonly string _data = Directory.CreateTempSubdirectory("cacheproxy-data-").FullName;
    private ServerProgram? _backend;
    private ServerProgram? _proxy;

    public Uri Backend => _backend!.Address;

    public Uri Proxy => _proxy!.Address;

    public async ValueTask InitializeAsync()
    {
        ToolModel.WriteTo(_model);
        Uri backend = ServerProgram.FreeAddress();
        _backend = await ServerProgram.StartAsync(
            "CacheProxy.Inference.Server", backend, ["--url", backend.ToString(), "--model", _model, "--name", ToolModel.Name], new Dictionary<string, string>());
        Uri proxy = ServerProgram.FreeAddress();
        _proxy = await ServerProgram.StartAsync("CacheProxy", proxy, [], new Dictionary<string, string>
        {
            ["CACHEPROXY__Server__Url"] = proxy.ToString(),
            ["CACHEPROXY__Backend__Url"] = backend.ToString(),
            ["CACHEPROXY__Backend__Mode"] = "none",
            ["CACHEPROXY__Data__Path"] = _data,
        });
    }

    public async ValueTask DisposeAsync()
    {
        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_backend?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_data, recursive: true);
        Directory.Delete(_model, recursive: true);
    }
}
