namespace Parley.Xmpp.Server.Streams.Management;

/// <summary>
/// How many of a client's stanzas are handled, as the client may rely on it (XEP-0198 section 4): those up to the first that is not. An answer that the server itself
/// waits for is handled ahead of its turn.
/// </summary>
internal sealed class HandledCount
{
    private readonly Lock _gate = new();
    private SortedSet<uint>? _early; // bounded by what the server itself asks
    private uint _taken;
    private uint _handled;
    private TaskCompletionSource? _settled;

    /// <summary>The number of the stanza that comes next. One reader at a time asks.</summary>
    public uint Next
    {
        get
        {
            lock (_gate) return _taken + 1;
        }
    }

    /// <summary>The count to tell.</summary>
    public uint Value
    {
        get
        {
            lock (_gate) return _handled;
        }
    }

    /// <summary>The next stanza is the session's now, and handled in its turn.</summary>
    public void Taken()
    {
        lock (_gate) _taken++;
    }

    /// <summary>The stanza of that number is handled.</summary>
    public void Handled(uint number)
    {
        TaskCompletionSource? settled;
        lock (_gate)
        {
            if (unchecked((int)(number - _handled)) <= 0) return; // vouched for already
            if (number != _handled + 1)
            {
                (_early ??= []).Add(number);
                return;
            }

            do _handled++;
            while (_early is not null && _early.Remove(_handled + 1));
            if (unchecked((int)(_taken - _handled)) > 0) return;
            settled = _settled;
            _settled = null;
        }

        settled?.SetResult();
    }

    /// <summary>Waits until all that was taken is handled, or for that long at most: to be called before <see cref="Vouch"/>, which a crash right behind it must not make a lie.</summary>
    public async ValueTask SettleAsync(TimeSpan most, TimeProvider time, CancellationToken ct)
    {
        Task settled;
        lock (_gate)
        {
            if (unchecked((int)(_taken - _handled)) <= 0) return;
            settled = (_settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        try
        {
            await settled.WaitAsync(most, time, ct);
        }
        catch (TimeoutException)
        {
            // A handler hangs, or the disk does.
        }
    }

    /// <summary>Vouches for all that was taken: it is handled whatever becomes of the stream, and the client must not send it again.</summary>
    public uint Vouch()
    {
        lock (_gate)
        {
            if (unchecked((int)(_taken - _handled)) > 0) _handled = _taken;
            _early = null;
            return _handled;
        }
    }
}
