using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CacheProxy.Observability;

namespace CacheProxy.Storage;

/// <summary>How it goes with the files of the data folder, as metrics. The tag is the file's name: a closed set.</summary>
public sealed class FileMetrics
{
    private readonly ConcurrentDictionary<string, IFileHealth> _files = new();

    public FileMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create(CacheProxyMetrics.MeterName);
        meter.CreateObservableGauge("cacheproxy.file.up", () => Observe(file => file.IsFailing ? 0 : 1), null, "0: it cannot be written, requests go on without it");
        meter.CreateObservableCounter("cacheproxy.file.faults", () => Observe(file => file.Faults), "{fault}", "Times that it could not be written");
        meter.CreateObservableCounter("cacheproxy.file.replacements", () => Observe(file => file.SetAside), "{file}", "Times that it was damaged, put aside and begun anew");
    }

    public void Watch(IFileHealth file) => _files[file.Name] = file;

    private IEnumerable<Measurement<long>> Observe(Func<IFileHealth, long> read)
        => _files.Values.Select(file => new Measurement<long>(read(file), new KeyValuePair<string, object?>("cacheproxy.file", file.Name)));
}
