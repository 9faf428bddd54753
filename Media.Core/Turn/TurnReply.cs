using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>Whom a request's answer goes to and what it is signed with, for one that is answered later.</summary>
internal sealed class TurnReply(scoped in TurnRequest request)
{
    private const int MaxAnswer = 200;

    private readonly FiveTuple _path = request.Path;
    private readonly StunMethod _method = request.Message.Method;
    private readonly byte[] _transactionId = request.Message.TransactionId.ToArray();
    private readonly bool _hasFingerprint = request.Message.Has(StunAttribute.Fingerprint);
    private readonly TurnUser _user = request.User;
    private readonly TurnAuthentication _authentication = request.Authentication;

    /// <summary>Answers with a connection's id.</summary>
    public void Succeed(TurnState state, uint connectionId)
    {
        var answer = new StunWriter(stackalloc byte[MaxAnswer], StunClass.Success, _method, _transactionId);
        answer.AddUInt32(StunAttribute.ConnectionId, connectionId);
        Send(state, ref answer);
    }

    /// <summary>Answers with an error.</summary>
    public void Fail(TurnState state, int code)
    {
        var answer = new StunWriter(stackalloc byte[MaxAnswer], StunClass.Error, _method, _transactionId);
        answer.AddErrorCode(code);
        Send(state, ref answer);
    }

    private void Send(TurnState state, ref StunWriter answer)
    {
        var key = _user.Key(_authentication.Algorithm);
        if (_authentication.SignsSha256) answer.AddIntegritySha256(key);
        else answer.AddIntegrity(key);
        if (_hasFingerprint) answer.AddFingerprint();
        state.Send(_path, answer.Written);
    }
}
