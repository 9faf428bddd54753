namespace Parley.Media.Core.Ice;

/// <summary>A path that an authenticated check came over, and our own check of it.</summary>
internal sealed class IcePair(IceGeneration generation, AddressKey local, AddressKey remote)
{
    /// <summary>Checks sent before a path counts as dead: at 0, 250, 750, 1750, 3750 and 7750 ms.</summary>
    public const int MaxAttempts = 6;

    private const int FirstTimeoutMs = 250;
    private readonly (UInt128 Id, bool IsControlling)[] _transactions = new (UInt128, bool)[4];
    private int _next;

    public IceGeneration Generation { get; } = generation;

    public AddressKey Local { get; } = local;

    public AddressKey Remote { get; } = remote;

    /// <summary>The signalled candidate's priority, or what the peer's checks claim.</summary>
    public uint Priority { get; set; }

    /// <summary>Whether a check of ours was answered.</summary>
    public bool IsValid { get; set; }

    /// <summary>Whether the peer nominated it before it was valid.</summary>
    public bool IsWanted { get; set; }

    /// <summary>Whether our checks nominate it.</summary>
    public bool IsNominating { get; set; }

    /// <summary>The peer's nominations since it last nominated the selected path.</summary>
    public int NominationsInARow { get; set; }

    public int Attempts { get; private set; }

    /// <summary>When the next check goes out; <see cref="long.MaxValue"/> for none.</summary>
    public long NextCheckMs { get; set; } = long.MaxValue;

    public long LastInboundMs { get; set; }

    public long LastAnswerMs { get; set; }

    /// <summary>Starts checking afresh.</summary>
    public void CheckAt(long whenMs) => (Attempts, NextCheckMs) = (0, whenMs);

    /// <summary>Notes a check that goes out now and when its repetition is due.</summary>
    public void NoteSent(UInt128 transaction, bool isControlling, long nowMs)
    {
        _transactions[_next++ & 3] = (transaction, isControlling);
        NextCheckMs = nowMs + (FirstTimeoutMs << Math.Min(Attempts, MaxAttempts));
        Attempts++;
    }

    /// <summary>Whether an answer's transaction is one of the latest; each counts once. Says in which role its check was sent.</summary>
    public bool TryTake(UInt128 transaction, out bool wasControlling)
    {
        wasControlling = false;
        for (var i = 0; i < _transactions.Length; i++)
        {
            if (_transactions[i].Id != transaction || transaction == 0) continue;
            wasControlling = _transactions[i].IsControlling;
            _transactions[i] = default;
            return true;
        }

        return false;
    }
}
