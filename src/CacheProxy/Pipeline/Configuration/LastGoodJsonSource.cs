using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace CacheProxy.Pipeline.Configuration;

/// <summary>
/// The configuration file, read again whenever it changes. A file that is broken or gone at that moment changes nothing and is reported:
/// the framework's own provider would fall back to an empty configuration, that is to every default.
/// </summary>
public sealed class LastGoodJsonSource(string path) : IConfigurationSource
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Called with the reason when a changed file cannot be used.</summary>
    public Action<string>? OnRejected { get; set; }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(this);

    private sealed class Provider : ConfigurationProvider, IDisposable
    {
        private readonly LastGoodJsonSource _source;
        private readonly PhysicalFileProvider _files;
        private readonly IDisposable _subscription;

        public Provider(LastGoodJsonSource source)
        {
            _source = source;
            _files = new PhysicalFileProvider(System.IO.Path.GetDirectoryName(source.Path)!);
            _subscription = ChangeToken.OnChange(() => _files.Watch(System.IO.Path.GetFileName(source.Path)), Reload);
        }

        public override void Load() => Data = Read();

        public void Dispose()
        {
            _subscription.Dispose();
            _files.Dispose();
        }

        private void Reload()
        {
            try
            {
                Data = Read();
            }
            catch (Exception exception) when (exception is IOException or FormatException or UnauthorizedAccessException)
            {
                // An editor that truncates before it writes lands here too; its second event brings the whole file.
                _source.OnRejected?.Invoke(exception.InnerException?.Message ?? exception.Message);
                return;
            }

            OnReload();
        }

        private Dictionary<string, string?> Read()
        {
            using FileStream stream = File.OpenRead(_source.Path);
            var parsed = new ConfigurationBuilder().AddJsonStream(stream).Build();
            return new Dictionary<string, string?>(parsed.AsEnumerable().Where(pair => pair.Value is not null), StringComparer.OrdinalIgnoreCase);
        }
    }
}
