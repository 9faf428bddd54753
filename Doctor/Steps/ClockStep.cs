using Parley.Doctor.Network;

namespace Parley.Doctor.Steps;

/// <summary>Whether the clocks agree: certificates and TURN credentials end by them.</summary>
internal sealed class ClockStep() : Step("clock")
{
    private const string Change = "let NTP set the clock of both machines (timedatectl set-ntp true)";
    private static readonly TimeSpan Close = TimeSpan.FromSeconds(30), Bearable = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Https is not null || chart.Patient.Inside?.NewestFile is not null;

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        var now = chart.Patient.Clock.GetUtcNow();
        // From inside both are one clock, and only what the server wrote earlier can tell that it was set back.
        if (chart.Patient.Inside?.NewestFile is { } written && written - now > Bearable)
        {
            findings.Fail(Causes.ClockOff, $"the clock of this machine is off by {Words(written - now)}: the server's own files were written at {written.UtcDateTime:u}, which is still to come", "let NTP set the clock (timedatectl set-ntp true)");
        }

        if (chart.Https is null) return;
        try
        {
            using var web = new Web(chart.Patient.Domain, chart.Https);
            var asked = chart.Patient.Clock.GetUtcNow();
            if ((await web.GetAsync("/healthz", ct)).Date is not { } told) return;
            Compare(chart, findings, told, asked);
        }
        catch (ReachException e)
        {
            findings.Warn(Causes.TlsFailed, $"the server's time cannot be asked for over HTTPS ({e.Message})");
        }
    }

    private static void Compare(Chart chart, Findings findings, DateTimeOffset told, DateTimeOffset now)
    {
        var ahead = told - now;
        chart.ClockAhead = ahead;
        var difference = $"the clocks differ by {Words(ahead)}: the server's says {told.UtcDateTime:u}, this machine's {now.UtcDateTime:u}";
        if (ahead.Duration() > Bearable) findings.Fail(Causes.ClockOff, $"{difference}. By a wrong clock certificates are not valid and TURN credentials have expired", Change);
        else if (ahead.Duration() > Close) findings.Warn(Causes.ClockOff, difference, Change);
        else if (!findings.HasFailed) findings.Ok(chart.Patient.Inside is null ? "the server's clock agrees with this machine's" : $"the server's clock says {told.UtcDateTime:u}");
    }

    /// <summary>A span in words, "23 h 59 min".</summary>
    public static string Words(TimeSpan span)
    {
        span = span.Duration();
        if (span.TotalMinutes < 2) return $"{span.TotalSeconds:0} s";
        if (span.TotalHours < 2) return $"{span.TotalMinutes:0} min";
        return span.TotalHours < 48 ? $"{(int)span.TotalHours} h {span.Minutes} min" : $"{span.TotalDays:0.#} days";
    }
}
