using System.Data.Common;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Streams.Management;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams;

/// <summary>A client's way to a session: does what <see cref="StreamNegotiation"/> asks for, from TLS to a resource that is bound, or resumed.</summary>
internal sealed partial class ClientStream
{
    private Func<CancellationToken, ValueTask<bool>>? _isStillProven; // whether what the client proved to know still counts; null for a guest
    private TimeSpan _mostResumption;

    /// <summary>The account's last change when what the client proved to know was read.</summary>
    public long ProvenChange { get; private set; }

    private async ValueTask DoAsync(NegotiationStep step)
    {
        while (true)
        {
            // From here on it counts among those that have logged in.
            if (step is NegotiationStep.Bind or NegotiationStep.Resume or NegotiationStep.Establish && !_place.TryEstablish()) step = TooManyStreams;
            switch (step)
            {
                case NegotiationStep.ReadOn:
                    return;
                case NegotiationStep.Fail fail:
                    Fail(fail.Error);
                    return;
                case NegotiationStep.StartTls start:
                    await StartTlsAsync(start.Domain);
                    return;
                case NegotiationStep.RefuseTls:
                    RefuseTls();
                    return;
                case NegotiationStep.FindKeys find:
                    var keys = await _context.Credentials.FindAsync(find.Account, find.Hash?.Name, _abort.Token);
                    if (keys is not null) (ProvenChange, _isStillProven) = (keys.Change, ct => IsStillKeyAsync(find.Account, keys, ct));
                    step = find.Hash is null ? await ProvideForPasswordAsync(keys) : Negotiation.Provide(keys?.ToCredentials());
                    if (step is NegotiationStep.CompleteKeys complete)
                    {
                        await CompleteKeysAsync(complete, keys!);
                        step = Negotiation.Succeed(complete.Success);
                    }

                    break;
                case NegotiationStep.FindTokens find:
                    step = Negotiation.ProvideTokens(await _context.Tokens!.FindAsync(find.Account, find.ClientId, find.Mechanism, _abort.Token));
                    break;
                case NegotiationStep.Establish establish:
                    step = await EstablishAsync(establish);
                    break;
                case NegotiationStep.Restart:
                    _frame.Restart(new XmlStreamLimits { StanzaBytes = _context.Limits.StanzaBytes });
                    return;
                case NegotiationStep.Serve serve:
                    if (await _context.ServeAsync(serve.Iq, serve.Stranger, _abort.Token) is { } answer)
                    {
                        SendNonza(answer.Element);
                        return;
                    }

                    step = StreamNegotiation.Unserved();
                    break;
                case NegotiationStep.Bind bind:
                    step = await BindAsync(bind);
                    break;
                case NegotiationStep.Resume resume:
                    step = await ResumeAsync(resume);
                    break;
                default:
                    throw new InvalidOperationException($"{step.GetType().Name} is no step that can be done.");
            }
        }
    }

    private async ValueTask<NegotiationStep> ProvideForPasswordAsync(ScramKeys? keys)
    {
        await _context.Guards.PasswordChecks.WaitAsync(_abort.Token);
        try
        {
            return Negotiation.Provide(keys?.ToCredentials());
        }
        finally
        {
            _context.Guards.PasswordChecks.Release();
        }
    }

    private async ValueTask CompleteKeysAsync(NegotiationStep.CompleteKeys complete, ScramKeys proof)
    {
        try
        {
            await _context.Credentials.CompleteAsync(complete.Account, complete.Success.Password!, proof, _abort.Token);
        }
        catch (Exception e) when (e is DbException)
        {
            // Such as a full disk. Whoever knows the password comes in all the same, and it is tried again the next time.
            _context.Log.LogWarning(206, e, "An account's missing keys could not be written");
        }
    }

    private async Task StartTlsAsync(string domain)
    {
        // Whoever can add bytes to the stream before TLS must not have them taken for the client's own behind it (RFC 6120 section 5.3.4).
        if (_connection.HasUnread())
        {
            RefuseTls();
            return;
        }

        SendNonza(new Element("proceed", Ns.Tls));
        await _outbound.DrainedAsync();
        // Should something end the stream meanwhile, its last words must not fall into the handshake.
        _outbound.Hold();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token);
        using var timer = _context.Time.CreateTimer(_ => limit.Cancel(), null, _context.Limits.HandshakeTime, Timeout.InfiniteTimeSpan);
        try
        {
            await _connection.UpgradeAsync(domain, limit.Token);
        }
        catch
        {
            // There is no stream to say anything in.
            _outbound.Kill();
            throw;
        }

        _frame.Restart(LimitsBefore(_context));
        Negotiation.Encrypted(_connection.Security);
        _outbound.Release();
    }

    // RFC 6120 section 5.4.2.2: no error of the stream, and its end. What stands behind the request is not read.
    private void RefuseTls()
    {
        _isFinal |= !_frame.IsClosing;
        _isFaulted = true;
        Finish([_connection.Format(new Element("failure", Ns.Tls))]);
    }

    private async ValueTask<NegotiationStep> BindAsync(NegotiationStep.Bind bind)
    {
        // Others may write to the address as soon as it is bound; the client hears of it first.
        _outbound.Hold();
        var (isBound, refusal) = await BindAsync(new SessionStream(this, _context), bind.Identity, bind.Resource);
        if (!isBound)
        {
            _outbound.Release();
            return refusal is { } condition ? Negotiation.Refuse(bind, condition) : NoLongerProven;
        }

        var result = new Element("iq", Ns.Client).Attr("type", "result").Attr("id", bind.IqId)
            .Add(new Element("bind", Ns.Bind).Add("jid", j => j.Text(_session!.Jid.ToString())));
        _outbound.Release(_connection.Format(result));
        return NegotiationStep.Read;
    }

    private static NegotiationStep NoLongerProven => new NegotiationStep.Fail(new StreamError(StreamConditions.NotAuthorized));

    // Refused without a condition: what the client proved counts no more, and the stream must end.
    private async ValueTask<(bool IsBound, StanzaCondition? Refusal)> BindAsync(SessionStream stream, Identity identity, string? resource)
    {
        (IBoundSession? Session, StanzaCondition Refusal) bound;
        try
        {
            bound = await _context.Sessions.BindAsync(stream, identity.Bare, identity.Kind, resource, _abort.Token);
        }
        catch
        {
            // It may be known as resumable already; and the error must get out.
            stream.TakeUndelivered();
            _outbound.Release();
            throw;
        }

        var (session, refusal) = bound;
        if (session is null)
        {
            stream.TakeUndelivered();
            return (false, refusal);
        }

        stream.Session = session;
        _mostResumption = MostResumption(identity);
        (_stream, _session) = (stream, session);
        BecomeBound(identity);
        return (await IsStillProvenAsync(), null);
    }

    // A guest is nobody again on another connection, and so cannot come back as who it was.
    private TimeSpan MostResumption(Identity identity) => identity.Kind == SenderKind.Guest ? TimeSpan.Zero : _context.Settings.Sessions.ResumptionTime;

    private async ValueTask<NegotiationStep> ResumeAsync(NegotiationStep.Resume asked)
    {
        var (isResumed, condition, handled, error) = await ResumeAsync(asked.Identity, asked.PreviousId, asked.Handled, static resumed => [resumed]);
        if (error is not null) return new NegotiationStep.Fail(error);
        if (!isResumed) return Negotiation.RefuseResumption(condition, handled);
        return await IsStillProvenAsync() ? NegotiationStep.Read : NoLongerProven;
    }

    private async ValueTask<(bool IsResumed, StanzaCondition Condition, uint? Handled, StreamError? Error)> ResumeAsync(
        Identity identity, string previousId, uint handled, Func<Element, IReadOnlyList<Element>> announce)
    {
        if (_context.Settings.Sessions.ResumptionTime == TimeSpan.Zero) return (false, StanzaCondition.FeatureNotImplemented, null, null);
        var (stream, former) = _context.Resumables.Find(previousId, identity.Bare);
        var (isResumed, sent) = stream is null ? (false, null) : await stream.ResumeAsync(this, handled, announce);
        if (sent is { } most) return (false, default, null, ManagementElements.TooHigh(handled, most));
        if (!isResumed) return (false, StanzaCondition.ItemNotFound, await VouchAsync(stream?.Handled ?? former), null);
        (_stream, _session) = (stream, stream!.Session);
        BecomeBound(identity);
        return (true, default, null, null);
    }

    // The password may have been changed, or the account removed and made anew, since it was proven; then nobody ended this session, which was none yet. Asked once it is one,
    // so that one of the two notices the other.
    private async ValueTask<bool> IsStillProvenAsync()
    {
        var ask = _isStillProven;
        _isStillProven = null;
        return ask is null || await ask(_abort.Token);
    }

    private async ValueTask<bool> IsStillKeyAsync(Jid account, ScramKeys keys, CancellationToken ct) =>
        await _context.Credentials.FindAsync(account, ScramHash.OfKey(keys.StoredKey).Name, ct) is { } now && now.StoredKey.AsSpan().SequenceEqual(keys.StoredKey);
}
