using System.Runtime.CompilerServices;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Ice;

/// <summary>
/// A full ICE agent for one component (RFC 8445) that sends checks only to where authenticated checks came from (triggered checks): no signalled address is ever
/// probed, so no caller can make us scan. Times are milliseconds of one clock that never goes back. One thread at a time.
/// </summary>
public sealed class IceAgent
{
    /// <summary>Signalled candidates kept per generation.</summary>
    public const int MaxSignalledCandidates = 32;

    private const long PacingMs = 20, NominationDelayMs = 100;
    private const int MinConsentMs = 4_000, MaxConsentMs = 6_000;

    private readonly IIceSink _sink;
    private readonly Random _random;
    private readonly ulong _tieBreaker;
    private readonly IceLiveness _liveness = new();
    private readonly IcePairs _pairs;
    private IceGeneration _current;
    private IceGeneration? _previous;
    private IcePair? _selected;
    private long _nextFirstCheckMs = long.MinValue, _nominateAtMs = long.MaxValue;

    /// <summary>Makes an agent.</summary>
    /// <param name="isControlling">Our role to begin with; a conflict may turn it.</param>
    /// <param name="local">Our credentials.</param>
    /// <param name="random">For the tie-breaker, transaction ids and the consent timer; cryptographic in production (RFC 8489 section 5).</param>
    /// <param name="sink">Takes the output.</param>
    public IceAgent(bool isControlling, IceCredentials local, Random random, IIceSink sink)
    {
        (IsControlling, _random, _sink, _pairs, _current) = (isControlling, random, sink, new(sink), new(local));
        _tieBreaker = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
    }

    /// <summary>Whether we nominate.</summary>
    public bool IsControlling { get; private set; }

    /// <summary>The state.</summary>
    public IceState State { get; private set; }

    /// <summary>Our newest credentials.</summary>
    public IceCredentials Local => _current.Local;

    /// <summary>The credentials before a restart, while they still count.</summary>
    public IceCredentials? PreviousLocal => _previous?.Local;

    private bool IsOver => State is IceState.NeverConnected or IceState.ConsentExpired;

    /// <summary>Where to send: the selected path or, before one is nominated, the best that works (RFC 8445 section 12.1).</summary>
    public bool TryGetPath(out AddressKey local, out AddressKey remote)
    {
        var pair = _selected ?? _pairs.BestValid(_current);
        (local, remote) = pair is null ? default : (pair.Local, pair.Remote);
        return pair is not null;
    }

    /// <summary>Takes the peer's description; checks are answered from then on. Repeating it changes nothing; new credentials start new checks.</summary>
    public void SetRemote(IceCredentials remote, IReadOnlyList<IceRemoteCandidate> candidates, long nowMs)
    {
        var isNew = _current.Remote is not { } known || known.Ufrag != remote.Ufrag || known.Password != remote.Password;
        _current.SetRemote(remote, candidates);
        _liveness.OnDescribed(nowMs);
        if (!isNew) return;
        foreach (var pair in _pairs)
        {
            if (pair.Generation == _current) pair.CheckAt(nowMs);
        }
    }

    /// <summary>Restarts with new credentials (RFC 8445 section 9). The old ones, and the path in use, count until a new path is selected.</summary>
    public void Restart(IceCredentials local)
    {
        // A restart that was itself cut short leaves the generation in use as the previous one.
        if (_previous is null) _previous = _current;
        else _pairs.Forget(_current);

        (_current, _nominateAtMs) = (new(local), long.MaxValue);
    }

    /// <summary>Authentic SRTP came.</summary>
    public void OnSrtpReceived(long nowMs) => _liveness.OnMedia(nowMs);

    /// <summary>Takes a STUN message that came to this transport.</summary>
    public IceInput HandleStun(ReadOnlySpan<byte> datagram, AddressKey local, AddressKey remote, long nowMs)
    {
        if (IsOver || !StunMessage.TryParse(datagram, out var message) || message.Method != StunMethod.Binding || remote.Port == 0) return IceInput.Ignored;
        if (message.CheckFingerprint() == StunProof.Invalid) return IceInput.Forged;
        return message.Class switch
        {
            StunClass.Request => HandleCheck(message, local, remote, nowMs),
            StunClass.Success or StunClass.Error => HandleAnswer(message, local, remote, nowMs),
            _ => IceInput.Ignored,
        };
    }

    /// <summary>Does what is due and says when to call again.</summary>
    public long Tick(long nowMs)
    {
        if (IsOver) return long.MaxValue;
        if (nowMs >= _liveness.DeadlineMs(State))
        {
            State = State == IceState.Connected ? IceState.ConsentExpired : IceState.NeverConnected;
            _pairs.Forget(null);
            _selected = null;
            return long.MaxValue;
        }

        if (nowMs >= _nominateAtMs) Nominate(_pairs.BestValid(_current), nowMs);
        if (IsControlling && _selected is { } used && nowMs - used.LastAnswerMs > IcePairs.StaleMs) Nominate(_pairs.FreshestOther(used, nowMs), nowMs);
        var next = Math.Min(_liveness.DeadlineMs(State), _nominateAtMs);
        foreach (var pair in _pairs)
        {
            if (nowMs >= pair.NextCheckMs) SendDue(pair, nowMs);
            next = Math.Min(next, pair.NextCheckMs);
        }

        return next;
    }

    private IceInput HandleCheck(StunMessage check, AddressKey local, AddressKey remote, long nowMs)
    {
        if (!check.TryGet(StunAttribute.Username, out var username)) return IceInput.Ignored;
        var generation = _current.Owns(username) ? _current : _previous is { } p && p.Owns(username) ? p : null;
        if (generation?.Remote is null) return IceInput.UnknownUfrag;
        if (check.CheckIntegrity(generation.Local.Key) != StunProof.Valid) return IceInput.Forged;
        Answer(check, generation, local, remote, out var isGood);
        // Another fragment of the peer's than the one described: a restart whose description is still on its way. It has its answer, no path is learned.
        if (isGood && username.SequenceEqual(generation.InboundUsername)) Learn(check, generation, local, remote, nowMs);
        return IceInput.Accepted;
    }

    [SkipLocalsInit]
    private void Answer(StunMessage check, IceGeneration generation, AddressKey local, AddressKey remote, out bool isGood)
    {
        Span<byte> reply = stackalloc byte[IceWire.MaxLength];
        Span<StunAttribute> unknown = stackalloc StunAttribute[8];
        var count = IceWire.FindUnknown(check, unknown);
        isGood = false;
        int length;
        if (count > 0) length = IceWire.WriteError(reply, check, generation, 420, unknown[..count]);
        else if (!SettleRoles(check)) length = IceWire.WriteError(reply, check, generation, 487);
        else
        {
            isGood = true;
            length = IceWire.WriteSuccess(reply, check, generation, remote);
        }

        _sink.Send(local, remote, reply[..length]);
    }

    /// <summary>RFC 8445 section 7.3.1.1: of two with the same role the larger tie-breaker controls; false if the peer has to yield.</summary>
    private bool SettleRoles(StunMessage check)
    {
        if (!check.TryGetUInt64(IsControlling ? StunAttribute.IceControlling : StunAttribute.IceControlled, out var theirs)) return true;
        var weControl = _tieBreaker >= theirs;
        if (weControl == IsControlling) return false;
        IsControlling = weControl;
        return true;
    }

    private void Learn(StunMessage check, IceGeneration generation, AddressKey local, AddressKey remote, long nowMs)
    {
        check.TryGetUInt32(StunAttribute.Priority, out var claimed);
        var pair = _pairs.Find(generation, local, remote) ?? _pairs.Add(generation, local, remote, _selected, nowMs);
        if (pair is null) return;
        (pair.LastInboundMs, pair.Priority) = (nowMs, generation.PriorityOf(remote, claimed));
        if (!pair.IsValid && pair.NextCheckMs == long.MaxValue) ScheduleFirst(pair, nowMs);
        if (!IsControlling && check.Has(StunAttribute.UseCandidate)) OnNominated(pair, nowMs);
        if (nowMs >= pair.NextCheckMs) SendDue(pair, nowMs);
    }

    /// <summary>
    /// The peer nominates. A second nominated path is taken if it ranks higher, or once the peer nominates it twice while it leaves the selected one alone, or if the
    /// selected one has gone quiet: so we
    /// follow a peer that moves and do not flap with one that nominates everything (RFC 5245's aggressive way).
    /// </summary>
    private void OnNominated(IcePair pair, long nowMs)
    {
        pair.NominationsInARow++;
        if (pair == _selected)
        {
            foreach (var other in _pairs) other.NominationsInARow = 0;
        }
        else if (!pair.IsValid) pair.IsWanted = true;
        else if (_selected is null || pair.Generation != _selected.Generation || pair.Priority > _selected.Priority || pair.NominationsInARow >= 2 ||
                 nowMs - _selected.LastInboundMs > IcePairs.StaleMs) Select(pair, nowMs);
    }

    private IceInput HandleAnswer(StunMessage answer, AddressKey local, AddressKey remote, long nowMs)
    {
        var transaction = IceWire.ReadTransaction(answer.TransactionId);
        foreach (var pair in _pairs)
        {
            // The answer has to come back the way that the check went (RFC 8445 section 7.2.5.2.1).
            if (pair.Local != local || pair.Remote != remote || pair.Generation.Remote is not { } peer) continue;
            if (answer.CheckIntegrity(peer.Key) != StunProof.Valid) continue;
            if (!pair.TryTake(transaction, out var wasControlling)) continue;
            if (answer.Class == StunClass.Success) OnWorking(pair, nowMs);
            else OnRefused(pair, answer, wasControlling, nowMs);
            return IceInput.Accepted;
        }

        return IceInput.Ignored;
    }

    private void OnWorking(IcePair pair, long nowMs)
    {
        var nominated = IsControlling ? pair.IsNominating : pair.IsWanted;
        (pair.IsValid, pair.LastAnswerMs, pair.NextCheckMs) = (true, nowMs, pair == _selected ? NextConsent(nowMs) : long.MaxValue);
        _liveness.OnAnswer(nowMs);
        State = IceState.Connected;
        if (nominated)
        {
            (pair.IsNominating, pair.IsWanted) = (false, false);
            if (pair != _selected) Select(pair, nowMs);
        }
        else if (IsControlling && _selected?.Generation != _current && pair.Generation == _current && _nominateAtMs == long.MaxValue) _nominateAtMs = nowMs + NominationDelayMs;
        // Until the peer nominates, the path in provisional use needs consent as well.
        if (_selected is null && pair == _pairs.BestValid(_current)) pair.NextCheckMs = NextConsent(nowMs);
    }

    private void OnRefused(IcePair pair, StunMessage answer, bool wasControlling, long nowMs)
    {
        if (answer.TryGetErrorCode(out var code) && code == 487)
        {
            // RFC 8445 section 7.2.5.1: away from the role that the check named, so that refusals of several checks turn it once.
            IsControlling = !wasControlling;
            pair.CheckAt(nowMs + PacingMs);
        }
        else if (pair != _selected) pair.NextCheckMs = long.MaxValue;
    }

    private void Select(IcePair pair, long nowMs)
    {
        _selected = pair;
        foreach (var other in _pairs) other.NominationsInARow = 0;
        _nominateAtMs = long.MaxValue;
        pair.NextCheckMs = nowMs - pair.LastAnswerMs > 1_000 ? nowMs : NextConsent(nowMs);
        if (pair.Generation != _current || _previous is null) return;
        _pairs.Forget(_previous);
        _previous = null;
    }

    private void Nominate(IcePair? pair, long nowMs)
    {
        _nominateAtMs = long.MaxValue;
        if (pair is null || pair.IsNominating || (_selected?.Generation == _current && nowMs - _selected.LastAnswerMs <= IcePairs.StaleMs)) return;
        pair.IsNominating = true;
        pair.CheckAt(nowMs);
    }

    [SkipLocalsInit]
    private void SendDue(IcePair pair, long nowMs)
    {
        var isConsent = pair.IsValid && !pair.IsNominating;
        if (!isConsent && pair.Attempts >= IcePair.MaxAttempts)
        {
            (pair.NextCheckMs, pair.IsNominating) = (pair == _selected ? NextConsent(nowMs) : long.MaxValue, false);
            return;
        }

        var transaction = new UInt128((uint)_random.NextInt64(1, 1L << 32), (ulong)_random.NextInt64(long.MinValue, long.MaxValue));
        Span<byte> check = stackalloc byte[IceWire.MaxLength];
        var length = IceWire.WriteCheck(check, transaction, pair.Generation, IsControlling, _tieBreaker, IsControlling && pair.IsNominating);
        pair.NoteSent(transaction, IsControlling, nowMs);
        // RFC 7675 section 5.1: consent checks are not repeated, the next one asks anew.
        if (isConsent) pair.NextCheckMs = pair == _selected || _selected is null ? NextConsent(nowMs) : long.MaxValue;
        _sink.Send(pair.Local, pair.Remote, check[..length]);
    }

    private long NextConsent(long nowMs) => nowMs + _random.Next(MinConsentMs, MaxConsentMs + 1);

    private void ScheduleFirst(IcePair pair, long nowMs)
    {
        // Paced, so that forged source addresses do not make a burst of us (RFC 8445 section 14).
        var when = Math.Max(nowMs, _nextFirstCheckMs);
        _nextFirstCheckMs = when + PacingMs;
        pair.CheckAt(when);
    }
}
