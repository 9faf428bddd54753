namespace Parley.Xmpp.Server.Sessions;

/// <summary>
/// One stanza on its way to being handled: it is once it has been routed and all is on the disk that must be before its sender may forget it (XEP-0198 section 4). Who makes it is the first
/// that it waits for.
/// </summary>
/// <param name="handled">Called once, when it waits for nobody any more, on whichever thread that is.</param>
internal sealed class Handling(Action handled)
{
    private int _open = 1;

    /// <summary>It waits for one more.</summary>
    public void Add() => Interlocked.Increment(ref _open);

    /// <summary>One of those is done.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref _open) == 0) handled();
    }
}
