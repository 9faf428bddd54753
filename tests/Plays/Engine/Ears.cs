using System.Threading.Channels;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>Somebody in a play, and what they have heard and nobody asked about yet.</summary>
internal abstract class Ears : IAsyncDisposable
{
    private readonly Channel<Element> _heard = Channel.CreateUnbounded<Element>();
    private readonly List<Element> _waiting = [];

    /// <summary>Why nothing more comes; null while something may. The conditions, where the server named some.</summary>
    public string? End { get; private set; }

    /// <summary>What was heard and not taken yet, as far as it has come.</summary>
    public IReadOnlyList<Element> Waiting
    {
        get
        {
            while (_heard.Reader.TryRead(out var element)) _waiting.Add(element);
            return _waiting;
        }
    }

    /// <summary>Whether one can be sure of having heard everything.</summary>
    public virtual bool CanFence => false;

    /// <summary>Waits until everything that was caused by what was said so far has been heard.</summary>
    public virtual Task FenceAsync(CancellationToken ct) => Task.CompletedTask;

    /// <summary>Takes the next element, waiting for it; null once nothing more comes.</summary>
    public async Task<Element?> TakeAsync(CancellationToken ct)
    {
        if (_waiting.Count == 0) return await HearAsync(ct);
        var first = _waiting[0];
        _waiting.RemoveAt(0);
        return first;
    }

    /// <summary>Puts back what was taken and is not wanted yet.</summary>
    public void PutBack(params IEnumerable<Element> elements) => _waiting.InsertRange(0, elements);

    /// <summary>Forgets what was heard.</summary>
    public void Forget()
    {
        _ = Waiting;
        _waiting.Clear();
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Keeps what came.</summary>
    protected void Hear(Element element) => _heard.Writer.TryWrite(element);

    /// <summary>The next thing that comes; what waits was there before.</summary>
    protected async Task<Element?> HearAsync(CancellationToken ct) => await _heard.Reader.WaitToReadAsync(ct) && _heard.Reader.TryRead(out var element) ? element : null;

    /// <summary>Keeps what came without having it taken.</summary>
    protected void Wait(Element element) => _waiting.Add(element);

    /// <summary>Nothing more comes.</summary>
    protected void Finish(string reason)
    {
        End ??= reason;
        _heard.Writer.TryComplete();
    }
}
