namespace Parley.Xmpp.Server.Streams.Bosh;

/// <summary>What becomes of a request by its number.</summary>
internal enum BoshOrder
{
    /// <summary>It is taken, now or once those before it have come.</summary>
    Taken,
    /// <summary>It came before and was answered: the same answer again (XEP-0124 section 14.3).</summary>
    Answered,
    /// <summary>It came before and is not answered: this one takes its place.</summary>
    Repeated,
    /// <summary>No client that keeps to the rules sends that number.</summary>
    Outside,
}

/// <summary>
/// The numbers of a session's requests (XEP-0124 section 14): takes them in order whatever order they come in, keeps those that are not answered, and the last answers for a client
/// that did not get them. Bounded by how many requests may be under way. Its owner locks.
/// </summary>
/// <typeparam name="TRequest">A request.</typeparam>
/// <param name="first">The number of the first.</param>
/// <param name="most">How many may be under way.</param>
internal sealed class BoshWindow<TRequest>(long first, int most) where TRequest : class
{
    private readonly Dictionary<long, TRequest> _ahead = [];
    private readonly SortedDictionary<long, TRequest> _open = [];
    private readonly SortedDictionary<long, ReadOnlyMemory<byte>> _answers = [];
    private long _next = first;

    /// <summary>Requests that were taken and are not answered.</summary>
    public int Open => _open.Count;

    /// <summary>Takes a request.</summary>
    /// <param name="rid">Its number.</param>
    /// <param name="request">It.</param>
    /// <param name="answer">The answer that was given, where there was one.</param>
    /// <param name="former">The one whose place it takes.</param>
    public BoshOrder Receive(long rid, TRequest request, out ReadOnlyMemory<byte> answer, out TRequest? former)
    {
        former = null;
        if (_answers.TryGetValue(rid, out answer)) return BoshOrder.Answered;
        if (_open.TryGetValue(rid, out former))
        {
            _open[rid] = request;
            return BoshOrder.Repeated;
        }

        if (rid < _next || rid >= _next + most) return BoshOrder.Outside;
        if (_ahead.Remove(rid, out former))
        {
            _ahead[rid] = request;
            return BoshOrder.Repeated;
        }

        _ahead[rid] = request;
        return BoshOrder.Taken;
    }

    /// <summary>The next request in order, open from now on; null while it has not come.</summary>
    public TRequest? Next()
    {
        if (!_ahead.Remove(_next, out var request)) return null;
        _open[_next++] = request;
        return request;
    }

    /// <summary>Answers the oldest open request; null if there is none.</summary>
    public TRequest? Answer(ReadOnlyMemory<byte> answer) => _open.Count == 0 ? null : Answer(_open.Keys.First(), answer);

    /// <summary>Answers a request; null if it is not open any more.</summary>
    public TRequest? Answer(TRequest request, ReadOnlyMemory<byte> answer)
    {
        foreach (var (rid, open) in _open)
        {
            if (ReferenceEquals(open, request)) return Answer(rid, answer);
        }

        return null;
    }

    /// <summary>Takes all that is not answered.</summary>
    public IReadOnlyList<TRequest> TakeAll()
    {
        TRequest[] all = [.. _open.Values, .. _ahead.Values];
        _open.Clear();
        _ahead.Clear();
        return all;
    }

    private TRequest Answer(long rid, ReadOnlyMemory<byte> answer)
    {
        _open.Remove(rid, out var request);
        _answers[rid] = answer;
        if (_answers.Count > most) _answers.Remove(_answers.Keys.First());
        return request!;
    }
}
