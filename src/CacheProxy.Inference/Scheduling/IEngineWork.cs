namespace CacheProxy.Inference.Scheduling;

/// <summary>Something that other threads put into the engine's inbox. The engine thread calls exactly one of the two methods, between two steps.</summary>
internal interface IEngineWork
{
    void Accept(Scheduler scheduler);

    /// <summary>The engine has failed for good.</summary>
    void Refuse(Scheduler scheduler, string error);
}
