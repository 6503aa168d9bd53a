using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Observability;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Index;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Policies.Learned;
using CacheProxy.SemanticCache.Prefilter;
using CacheProxy.SemanticCache.Questions;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.SemanticCache.Text;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.Storage;
using CacheProxy.Stores;
using CacheProxy.Stores.Resilience;
using CacheProxy.Tuning;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>Puts the semantic stage together: bundled models, index in this process or the shared one, guards, policy.</summary>
public static class SemanticServices
{
    private const string FileName = "questions.db";

    public static IServiceCollection AddSemanticCache(this IServiceCollection services)
    {
        services.TryAddSingleton<QueryReader>();
        services.AddSingleton(provider => new ThresholdsInForce(provider.GetRequiredService<ScopeRules>(), new Lazy<double>(ReadMeasuredThreshold)));
        services.AddSingleton<ScopeRules>().AddSingleton<ErrorWatch>().AddSingleton<SemanticMetrics>().AddSingleton<UpstreamJudge>();
        services.AddSingleton(provider => new SemanticStage(
            () => new Loader(provider).Load(),
            provider.GetRequiredService<QueryReader>(),
            provider.GetRequiredService<IOptionsMonitor<SemanticOptions>>(),
            provider.GetRequiredService<ILogger<SemanticStage>>()));
        services.AddHostedService(provider => provider.GetRequiredService<SemanticStage>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAnswerObserver, SemanticStage>(provider => provider.GetRequiredService<SemanticStage>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPurgeObserver, SemanticStage>(provider => provider.GetRequiredService<SemanticStage>()));
        return services;
    }

    private static double ReadMeasuredThreshold()
    {
        ModelManifest manifest = ModelManifest.Load(ModelFolder.Find());
        return CascadeModel.Read(manifest.PathOf(manifest.ForRole(ModelRole.Verifier), "cascade.json")).DefaultThreshold;
    }

    private sealed class Loader(IServiceProvider provider)
    {
        private readonly SemanticOptions _options = provider.GetRequiredService<IOptionsMonitor<SemanticOptions>>().CurrentValue;
        private readonly TimeProvider _time = provider.GetRequiredService<TimeProvider>();
        private readonly ILoggerFactory _loggers = provider.GetRequiredService<ILoggerFactory>();
        private readonly EmbedderMetrics _embedderMetrics = provider.GetRequiredService<EmbedderMetrics>();
        private readonly List<IHostedService> _services = [];
        private readonly List<IDisposable> _owned = [];

        /// <exception cref="ModelFileException">A model is missing or damaged.</exception>
        /// <exception cref="InvalidDataException">The verifier's logits on this machine are not those that its thresholds rest on.</exception>
        public SemanticParts Load()
        {
            ModelManifest manifest = ModelManifest.Load(ModelFolder.Find());

            // One thread a run: texts are short, and the requests beside this one want the other cores.
            var factory = new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 });
            EmbedderSource embedder = Own(EmbedderSource.Create(_options.Embedder, manifest, factory, _embedderMetrics, ModelFolder.ReadTokenizer));
            OnnxVerifier onnxVerifier = Own(new OnnxVerifier(Own(BundledEncoders.LoadVerifier(manifest, factory)), Environment.ProcessorCount));
            var score = new CascadeScore(CascadeModel.Load(manifest.PathOf(manifest.ForRole(ModelRole.Verifier), "cascade.json"), onnxVerifier.Fingerprint));
            WarmUp(embedder.Query, onnxVerifier);
            ResilientCall embedderCall = Call("embedder", embedder.Budget);

            // The memory of vectors is outermost, so that look-up and indexing share it; it never keeps a failure.
            var hasty = new CachingEmbedder(new GuardedEmbedder(embedder.Query, embedderCall, isPatient: false), _options.RememberedEmbeddings);
            var guarded = new GuardedEmbedder(embedder.Passage, embedderCall, isPatient: true);
            IEmbedder patient = embedder.IsSymmetric ? new CachedFirstEmbedder(hasty, guarded) : guarded;
            var verifier = new GuardedVerifier(onnxVerifier, Call("verifier", TimeSpan.FromMilliseconds(_options.BudgetMilliseconds)));
            (IVectorIndex index, MemoryVectorIndex? memory) = CreateIndex(guarded, verifier);
            StaticPrefilter? prefilter = CreatePrefilter(manifest, memory);
            IOptionsMonitor<SemanticOptions> options = provider.GetRequiredService<IOptionsMonitor<SemanticOptions>>();
            ScopedPolicy policy = CreatePolicy(score, options);
            var pending = new PendingQuestions(prefilter, () => options.CurrentValue.PrefilterSimilarity);
            var lookup = new SemanticLookup(
                hasty, index, new GuardChain(_options.DisabledGuards), verifier, score, policy,
                provider.GetServices<IEntryStore>(), options, _time, _loggers.CreateLogger<SemanticLookup>(), prefilter, embedder.Limit, pending);
            var indexer = new QuestionIndexer(patient, verifier, index, memory, provider.GetRequiredService<PurgeLog>(), options, _time, _loggers.CreateLogger<QuestionIndexer>(), pending);
            _services.Add(indexer);
            _owned.Insert(0, indexer);
            TruthKeeper truth = CreateTruth(policy, patient, indexer, options);
            return new SemanticParts(lookup, indexer, pending, truth, _services, Enumerable.Reverse(_owned).ToArray());
        }

        private ScopedPolicy CreatePolicy(CascadeScore score, IOptionsMonitor<SemanticOptions> options)
        {
            ScopeRules rules = provider.GetRequiredService<ScopeRules>();
            var learned = new LearnedPolicy(scope =>
            {
                ScopeSettings settings = rules.For(scope);
                return new LearnedSettings(settings.ErrorBound, settings.ServedErrorBound, options.CurrentValue.MinimumProbability, options.CurrentValue.ExploreShare);
            });
            return new ScopedPolicy(
                rules, new StaticPolicy(score.DefaultThreshold, rules), learned, (scope, name) => provider.GetRequiredService<ErrorWatch>().IsExactOnly(scope, name));
        }

        private TruthKeeper CreateTruth(ScopedPolicy policy, IEmbedder patient, QuestionIndexer indexer, IOptionsMonitor<SemanticOptions> options)
        {
            string path = Path.Combine(provider.GetRequiredService<IOptions<DataOptions>>().Value.ResolvePath(), ObservationLog.FileName);
            ObservationLog log = Own(new ObservationLog(
                path, TimeSpan.FromDays(_options.ObservationDays), _options.MaxObservations, _time, _loggers.CreateLogger<ObservationLog>()));
            TruthKeeper truth = Own(new TruthKeeper(
                policy, provider.GetRequiredService<ErrorWatch>(), log, new AgreementJudge(patient, options),
                provider.GetRequiredService<UpstreamJudge>(), indexer, provider.GetServices<IEntryStore>(),
                provider.GetRequiredService<IBackgroundRefresh>(), provider.GetRequiredService<SemanticMetrics>(), options, _time, _loggers.CreateLogger<TruthKeeper>()));
            provider.GetRequiredService<FileMetrics>().Watch(log.Health);
            _services.Add(log);
            _services.Add(truth);
            return truth;
        }

        private (IVectorIndex Index, MemoryVectorIndex? Memory) CreateIndex(IEmbedder embedder, IVerifier verifier)
        {
            if (provider.GetService<IVectorIndexFactory>() is { } shared)
            {
                return (shared.Create(embedder.Dimensions), null);
            }

            MemoryVectorIndex memory = Own(new MemoryVectorIndex(embedder.Dimensions, (long)_options.IndexMegabytes << 20, _time));
            if (!_options.Persist)
            {
                return (memory, memory);
            }

            string path = Path.Combine(provider.GetRequiredService<IOptions<DataOptions>>().Value.ResolvePath(), FileName);
            var partition = new SemanticPartition(embedder.Fingerprint, verifier.Fingerprint);
            var persistent = new PersistentVectorIndex(
                memory, path, partition.Models, embedder.Dimensions, _time, _loggers.CreateLogger<PersistentVectorIndex>());
            var reembedder = new QuestionReembedder(
                persistent, embedder, partition, _options.Embedder.ReembedPerSecond, _embedderMetrics, _time, _loggers.CreateLogger<QuestionReembedder>());
            provider.GetRequiredService<FileMetrics>().Watch(persistent.Health);
            _services.Add(persistent);
            _services.Add(reembedder);
            _owned.Insert(0, reembedder);
            return (persistent, memory);
        }

        // Beside every question of the index in this process. Of a shared one it could not know what other proxies have put there.
        private StaticPrefilter? CreatePrefilter(ModelManifest manifest, MemoryVectorIndex? memory)
        {
            if (memory is null || !_options.Prefilter)
            {
                return null;
            }

            StaticPrefilter prefilter = Own(new StaticPrefilter(new BundledStaticEmbedder(BundledEncoders.LoadStatic(manifest)), _time));
            memory.Mirror = prefilter;
            return prefilter;
        }

        // The first run of everything compiles it and sizes its buffers: 100 ms and more that would eat the first requests' budget.
        private void WarmUp(IEmbedder embedder, OnnxVerifier verifier)
        {
            const string Cached = "How do I sort 3 lists in Python?", Asked = "What is the way to sort three lists in Python?";
            if (_options.Embedder.Kind != EmbedderOptions.EndpointKind)
            {
                // An endpoint may be away at this moment, and what it reads costs money.
                embedder.EmbedAsync(Cached, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }

            new GuardChain().FirstVeto(new QuestionText(Cached), new QuestionText(Asked));
            verifier.ScoreAsync([new QuestionPair(Cached, Asked)], CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }

        private ResilientCall Call(string name, TimeSpan budget) => provider.GetRequiredService<CallMetrics>().Watch(new ResilientCall(
            name, new ResilienceOptions { Budget = budget }, _time, _loggers.CreateLogger<ResilientCall>()));

        private T Own<T>(T owned) where T : IDisposable
        {
            _owned.Add(owned);
            return owned;
        }
    }
}
