using System.Runtime.CompilerServices;
using Parley.Doctor.Steps;

namespace Parley.Doctor;

/// <summary>Goes the whole way of a caller to a server, and says what is wrong with it: names, ports, TLS, log-in, STUN, TURN, a call (docs/doctor.md).</summary>
public static class Examination
{
    /// <summary>Takes every step, in the order in which a caller would.</summary>
    /// <param name="patient">The server.</param>
    /// <param name="before">What was found already, which later steps need not find again.</param>
    /// <param name="ct">Stops it.</param>
    public static async IAsyncEnumerable<Finding> RunAsync(Patient patient, IReadOnlyList<Finding> before, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await using var chart = new Chart(patient);
        chart.Findings.AddRange(before);
        foreach (var step in Steps())
        {
            if (!step.Applies(chart)) continue;
            foreach (var finding in await step.TakeAsync(chart, ct))
            {
                chart.Findings.Add(finding);
                yield return finding;
            }
        }
    }

    private static Step[] Steps() =>
    [
        new NamesStep(), new SrvStep(), new PortsStep(), new ClockStep(), new TlsStep(), new WebStep(), new LoginStep(), new DiscoveryStep(), new ServicesStep(),
        new StunStep(), new TurnStep("udp"), new TurnStep("tcp"), new TurnStep("tls"), new RangeStep(), new CallStep(),
    ];
}
