namespace CacheProxy.Benchmarks;

/// <summary>The product as its users run it: its own process, an empty data folder, free ports, settings from the environment.</summary>
internal sealed class ProxyProcess : IDisposable
{
    private readonly DirectoryInfo? _data;
    private readonly ChildProcess _process;

    /// <param name="settings">Environment variables beside the URLs and the data path, for instance <c>CACHEPROXY__Backend__Mode</c>.</param>
    /// <param name="dataFolder">Stays when the process ends; null: an empty one that goes with it.</param>
    /// <param name="program">The assembly to run and its arguments; null: the product's.</param>
    public ProxyProcess(IReadOnlyDictionary<string, string>? settings = null, string? dataFolder = null, IReadOnlyList<string>? program = null)
    {
        _data = dataFolder is null ? Directory.CreateTempSubdirectory("cacheproxy-bench-") : null;
        DataFolder = dataFolder ?? _data!.FullName;
        Url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        BackendUrl = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var environment = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["CACHEPROXY__Server__Url"] = Url.GetLeftPart(UriPartial.Authority),
            ["CACHEPROXY__Backend__Url"] = BackendUrl.GetLeftPart(UriPartial.Authority),
            ["CACHEPROXY__Data__Path"] = DataFolder,
        };
        _process = ChildProcess.Start("dotnet", program ?? [Path.Combine(AppContext.BaseDirectory, "CacheProxy.dll")], environment);
    }

    public string DataFolder { get; }

    public Uri Url { get; }

    public Uri BackendUrl { get; }

    public Uri ChatCompletions => new(Url, "/v1/chat/completions");

    public long WorkingSetBytes => _process.WorkingSetBytes;

    public double ProcessorSeconds => _process.ProcessorSeconds;

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken)
        => _process.WaitUntilReadyAsync(new Uri(Url, "/readyz"), TimeSpan.FromSeconds(60), cancellationToken);

    public void Dispose()
    {
        _process.Dispose();
        _data?.Delete(recursive: true);
    }
}
