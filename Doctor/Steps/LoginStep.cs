using Parley.Doctor.Network;
using Parley.Doctor.Xmpp;

namespace Parley.Doctor.Steps;

/// <summary>Logs in, twice: over STARTTLS, and with TLS from the first byte where that is open.</summary>
internal sealed class LoginStep() : Step("login")
{
    private const int Wanted = 2;

    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Ways.Count > 0;

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        if (chart.Patient.Login is not { } login)
        {
            findings.Warn(Causes.NoLogin, "nobody can log in, so that STUN, TURN and calls cannot be tried", "give an account: --user name@domain --password …, or let guests in (Guests:Enabled)");
            return;
        }

        var who = login.IsGuest ? $"a guest of {login.Domain}" : $"{login.User}@{login.Domain}";
        foreach (var way in chart.Ways.DistinctBy(w => w.IsTls).OrderBy(w => w.IsTls).ToList())
        {
            var what = way.IsTls ? "TLS from the first byte" : "STARTTLS";
            try
            {
                chart.Clients.Add(await OpenAsync(way, login, ct));
                findings.Ok($"{who} logs in over {what} at port {way.Port}");
            }
            catch (ReachException e) when (login.IsGuest && e.IsRefusal && chart.Patient.Inside is null)
            {
                findings.Warn(Causes.NoLogin, $"no guests get in ({e.Message}), so that STUN, TURN and calls cannot be tried", "give an account: --user name@domain --password …");
                return;
            }
            catch (ReachException e)
            {
                findings.Fail(Causes.LoginFailed, $"{who} cannot log in over {what} at port {way.Port}: {e.Message}", e.IsRefusal ? "look at the password, and at the server's log" : "look at the server's log");
            }
        }

        // Two make a call.
        while (chart.Clients.Count is > 0 and < Wanted) chart.Clients.Add(await OpenAsync(chart.Ways[0], login, ct));
    }

    private static async Task<XmppClient> OpenAsync(ClientWay way, Login login, CancellationToken ct)
    {
        Stream carrier = await Reach.ConnectAsync(way.Address, way.Port, ct);
        try
        {
            var trust = new TlsLook.Trust();
            if (way.IsTls) carrier = await TlsLook.SecureAsync(carrier, login.Domain, "xmpp-client", trust, ct);
            return await XmppClient.LoginAsync(carrier, login, trust, ct);
        }
        catch
        {
            await carrier.DisposeAsync();
            throw;
        }
    }
}
