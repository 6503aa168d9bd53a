using CacheProxy.Exchange.Policies;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Files;
using CacheProxy.Ledger.Reading;
using CacheProxy.Observability;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.Stores;
using CacheProxy.Tenancy;
using CacheProxy.Tuning;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>The settings that a proxy started here would have, and their cascade, for the tools. Nothing listens, nothing is written.</summary>
public sealed class Workbench : IWorkbench
{
    // Questions of label files come in several pairs; 24 MiB of vectors.
    private const int RememberedEmbeddings = 16_384;

    private readonly TenantOptions _tenants;

    private Workbench(string? file, SemanticOptions semantic, ExactOptions exact, DataOptions data, TenantOptions tenants)
    {
        _tenants = tenants;
        SettingsFile = file;
        Semantic = semantic;
        Exact = exact;
        DataFolder = data.ResolvePath();
    }

    public string? SettingsFile { get; }

    public SemanticOptions Semantic { get; }

    public ExactOptions Exact { get; }

    public string DataFolder { get; }

    /// <param name="path">The settings file; null: the one that the proxy would find.</param>
    /// <exception cref="WorkbenchException">The settings cannot be used.</exception>
    public static IWorkbench Open(string? path)
    {
        try
        {
            string? file = ConfigurationFile.Find(path is null ? [] : ["--config", path]);
            (SettingsSource settings, List<string> faults) = (SettingsSource.Read(file), []);
            var workbench = new Workbench(
                file,
                SectionBinder.Bind<SemanticOptions>(settings.Root, SemanticOptions.Section, faults, [new SemanticOptionsValidator()]),
                SectionBinder.Bind<ExactOptions>(settings.Root, ExactOptions.Section, faults, [new ExactOptionsValidator()]),
                SectionBinder.Bind<DataOptions>(settings.Root, DataOptions.Section, faults, []),
                // Unchecked: a key that is in the proxy's environment need not be in this one's.
                SectionBinder.Bind<TenantOptions>(settings.Root, TenantOptions.Section, faults, []));
            return faults.Count == 0 ? workbench : throw new ConfigurationException(faults);
        }
        catch (ConfigurationException exception)
        {
            throw new WorkbenchException(exception.Message, exception);
        }
    }

    public ILedgerReader OpenLedger()
    {
        string path = Path.Combine(DataFolder, LedgerFile.FileName);
        return File.Exists(path) ? new LedgerReader(DataFolder) : throw new WorkbenchException($"There is no ledger: {path} is not there.", new FileNotFoundException(null, path));
    }

    public IReadOnlyList<string>? TenantIdsOf(string name)
    {
        if (_tenants.Scope != ScopeMode.Key)
        {
            return null;
        }

        // A key that stands in a file or in the environment has its id under this installation's secret, which is not made here.
        List<string> ids = [name, .. _tenants.Names.Where(tenant => tenant.Name == name && tenant.KeyId.Length > 0).Select(tenant => tenant.KeyId)];
        if (_tenants.Names.Any(tenant => tenant.Name == name && tenant.KeyId.Length == 0) && InstallationSecret.Exists(_tenants.Secret, DataFolder))
        {
            var secret = new InstallationSecret(_tenants.Secret, DataFolder, NullLogger<InstallationSecret>.Instance);
            var names = new TenantNames(secret, new FixedOptions<TenantOptions>(_tenants), NullLogger<TenantNames>.Instance);
            ids.AddRange(names.All.Where(tenant => tenant.Name == name).Select(tenant => tenant.Id));
        }

        return ids;
    }

    public CascadeSession OpenCascade(SemanticOptions options, bool isThorough)
    {
        var owned = new Stack<IDisposable>();
        try
        {
            return Open(options, isThorough, owned);
        }
        catch (Exception exception) when (exception is ModelFileException or InvalidDataException)
        {
            foreach (IDisposable part in owned)
            {
                part.Dispose();
            }

            throw new WorkbenchException(exception.Message, exception);
        }
    }

    public IReadOnlyCollection<string> FaultsOf(string settings) => SettingsFaults.Of(settings);

    public void Dispose()
    {
    }

    private static CascadeSession Open(SemanticOptions options, bool isThorough, Stack<IDisposable> owned)
    {
        T Own<T>(T part) where T : IDisposable
        {
            owned.Push(part);
            return part;
        }

        ModelManifest manifest = ModelManifest.Load(ModelFolder.Find());
        var factory = new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 });
        EmbedderSource embedder = Own(EmbedderSource.Create(options.Embedder, manifest, factory, EmbedderMetrics.Unread, ModelFolder.ReadTokenizer));
        OnnxVerifier verifier = Own(new OnnxVerifier(Own(BundledEncoders.LoadVerifier(manifest, factory)), Environment.ProcessorCount));
        var monitor = new FixedOptions<SemanticOptions>(options);
        var score = new CascadeScore(CascadeModel.Load(manifest.PathOf(manifest.ForRole(ModelRole.Verifier), "cascade.json"), verifier.Fingerprint));
        var policy = new StaticPolicy(score.DefaultThreshold, monitor);
        var cascade = new PairCascade(
            new CachingEmbedder(embedder.Query, RememberedEmbeddings), new GuardChain(options.DisabledGuards), verifier, score, policy, monitor, TimeProvider.System,
            options.Prefilter ? new BundledStaticEmbedder(BundledEncoders.LoadStatic(manifest)) : null)
        {
            IsThorough = isThorough,
        };
        return new CascadeSession(cascade, options.Policy, (_, _) => options.Threshold ?? score.DefaultThreshold, [.. owned]);
    }

    private sealed class FixedOptions<T>(T value) : IOptionsMonitor<T>
    {
        public T CurrentValue => value;

        public T Get(string? name) => value;

        public IDisposable? OnChange(Action<T, string?> listener) => null;
    }
}
