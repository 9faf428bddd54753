namespace Parley.Server.Host.Http;

/// <summary>Whether every listener is up.</summary>
internal sealed class Readiness
{
    private volatile bool _ready;

    public bool IsReady => _ready;

    public void Set(bool ready) => _ready = ready;
}
