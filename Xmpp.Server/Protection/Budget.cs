namespace Parley.Xmpp.Server.Protection;

/// <summary>How much may be spent: so much at once, and it comes back steadily. Not for several threads at once.</summary>
internal struct Budget
{
    private double _spent;
    private long _at;

    /// <summary>Gives back what has come back since the last look.</summary>
    /// <param name="now">The clock.</param>
    /// <param name="time">Its unit.</param>
    /// <param name="perSecond">How much comes back in a second.</param>
    public void Refill(long now, TimeProvider time, double perSecond)
    {
        if (_at != 0) _spent = Math.Max(0, _spent - (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
    }

    /// <summary>What is spent.</summary>
    public readonly double Spent => _spent;

    /// <summary>Spends, whether or not it is there.</summary>
    /// <param name="amount">How much.</param>
    /// <param name="most">The most that counts as spent.</param>
    public void Spend(double amount, double most = double.MaxValue) => _spent = Math.Min(most, _spent + amount);

    /// <summary>Gives back.</summary>
    public void Return(double amount) => _spent = Math.Max(0, _spent - amount);

    /// <summary>Gives back all.</summary>
    public void Clear() => _spent = 0;
}
