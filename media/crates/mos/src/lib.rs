//! The E-model of ITU-T G.107: transmission rating R and the MOS that listeners would give.
//!
//! Levels in dB, times in ms, loss in percent, as in the Recommendation (table 3 for defaults).

/// Input parameters; `Default` is table 3 of G.107.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    pub send_loudness: f64,
    pub receive_loudness: f64,
    pub sidetone_masking: f64,
    pub d_value: f64,
    pub listener_d: f64,
    pub talker_echo_loudness: f64,
    pub weighted_echo_path_loss: f64,
    /// Mean one-way delay T.
    pub one_way: f64,
    /// Round trip in the four-wire loop Tr.
    pub round_trip: f64,
    /// Absolute delay Ta.
    pub absolute: f64,
    pub quantizing: f64,
    /// Equipment impairment Ie and packet-loss robustness Bpl (G.113 appendix I).
    pub impairment: f64,
    pub robustness: f64,
    pub loss_pct: f64,
    pub burst_ratio: f64,
    pub circuit_noise: f64,
    pub noise_floor: f64,
    pub room_noise_send: f64,
    pub room_noise_receive: f64,
    pub advantage: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters {
            send_loudness: 8.0,
            receive_loudness: 2.0,
            sidetone_masking: 15.0,
            d_value: 3.0,
            listener_d: 3.0,
            talker_echo_loudness: 65.0,
            weighted_echo_path_loss: 110.0,
            one_way: 0.0,
            round_trip: 0.0,
            absolute: 0.0,
            quantizing: 1.0,
            impairment: 0.0,
            robustness: 4.3,
            loss_pct: 0.0,
            burst_ratio: 1.0,
            circuit_noise: -70.0,
            noise_floor: -64.0,
            room_noise_send: 35.0,
            room_noise_receive: 35.0,
            advantage: 0.0,
        }
    }
}

impl Parameters {
    fn overall_loudness(&self) -> f64 {
        self.send_loudness + self.receive_loudness
    }

    /// No, the sum of all noise (equations 7-3 to 7-7).
    fn noise(&self) -> f64 {
        let olr = self.overall_loudness();
        let send = self.room_noise_send - self.send_loudness - self.d_value - 100.0
            + 0.004 * (self.room_noise_send - olr - self.d_value - 14.0).powi(2);
        let effective = self.room_noise_receive
            + 10.0 * (1.0 + 10f64.powf((10.0 - self.listener_sidetone()) / 10.0)).log10();
        let receive =
            self.receive_loudness - 121.0 + effective + 0.008 * (effective - 35.0).powi(2);
        let floor = self.noise_floor + self.receive_loudness;
        let power = |level: f64| 10f64.powf(level / 10.0);
        10.0 * (power(self.circuit_noise) + power(send) + power(receive) + power(floor)).log10()
    }

    fn listener_sidetone(&self) -> f64 {
        self.sidetone_masking + self.listener_d
    }

    /// Ro, the basic signal-to-noise ratio (7-2).
    fn basic(&self) -> f64 {
        15.0 - 1.5 * (self.send_loudness + self.noise())
    }

    /// Is, what happens together with the voice: loudness, sidetone, quantizing (7-8 to 7-17).
    fn simultaneous(&self, basic: f64) -> f64 {
        let sixth = |x: f64, power: f64| (1.0 + (x / 8.0).abs().powf(power)).powf(1.0 / power);
        let no = self.noise();
        let total_loudness = self.overall_loudness() + 0.2 * (64.0 + no - self.receive_loudness);
        let too_loud = 20.0 * (sixth(total_loudness, 8.0) - total_loudness / 8.0);
        let echo = -10.0
            * (10f64.powf(-self.sidetone_masking / 10.0)
                + (-self.round_trip / 4.0).exp() * 10f64.powf(-self.talker_echo_loudness / 10.0))
            .log10();
        let sidetone = 12.0 * (1.0 + ((echo - 13.0) / 6.0).powi(8)).powf(1.0 / 8.0)
            - 28.0 * (1.0 + ((echo + 1.0) / 19.4).powi(35)).powf(1.0 / 35.0)
            - 13.0 * (1.0 + ((echo - 3.0) / 33.0).powi(13)).powf(1.0 / 13.0)
            + 29.0;
        let q = 37.0 - 15.0 * self.quantizing.log10();
        let g = 1.07 + 0.258 * q + 0.0602 * q * q;
        let y = (basic - 100.0) / 15.0 + 46.0 / 8.4 - g / 9.0;
        let z = 46.0 / 30.0 - g / 40.0;
        let quantizing = 15.0 * (1.0 + 10f64.powf(y) + 10f64.powf(z)).log10();
        too_loud + sidetone + quantizing
    }

    /// Id, what comes with delay: talker echo, listener echo, absolute delay (7-18 to 7-28).
    fn delay(&self, basic: f64) -> f64 {
        self.talker_echo() + self.listener_echo(basic) + absolute_delay(self.absolute)
    }

    fn talker_echo(&self) -> f64 {
        let noise = -1.5 * (self.noise() - self.receive_loudness);
        let ratio = (1.0 + self.one_way / 10.0) / (1.0 + self.one_way / 150.0);
        let mut echo = self.talker_echo_loudness - 40.0 * ratio.log10()
            + 6.0 * (-0.3 * self.one_way * self.one_way).exp();
        if self.sidetone_masking < 9.0 {
            let sidetone =
                12.0 * (1.0 + ((self.sidetone_masking - 13.0) / 6.0).powi(8)).powf(0.125);
            echo += sidetone / 2.0;
        }
        let rating = 80.0 + 2.5 * (echo - 14.0);
        let half = (noise - rating) / 2.0;
        let impairment =
            (half + (half * half + 100.0).sqrt() - 1.0) * (1.0 - (-self.one_way).exp());
        if self.sidetone_masking > 20.0 { (impairment.powi(2)).sqrt() } else { impairment }
    }

    fn listener_echo(&self, basic: f64) -> f64 {
        let rating =
            10.5 * (self.weighted_echo_path_loss + 7.0) * (self.round_trip + 1.0).powf(-0.25);
        let half = (basic - rating) / 2.0;
        half + (half * half + 169.0).sqrt()
    }

    /// Ie-eff, codec and packet loss (7-29).
    fn equipment(&self) -> f64 {
        let burst = self.burst_ratio.max(1.0);
        let loss = self.loss_pct.clamp(0.0, 100.0);
        self.impairment + (95.0 - self.impairment) * loss / (loss / burst + self.robustness)
    }

    /// The rating R = Ro - Is - Id - Ie-eff + A (7-1).
    pub fn rating(&self) -> f64 {
        let basic = self.basic();
        basic - self.simultaneous(basic) - self.delay(basic) - self.equipment() + self.advantage
    }
}

/// Idd of equation 7-27; nothing below 100 ms.
fn absolute_delay(absolute: f64) -> f64 {
    if absolute <= 100.0 {
        return 0.0;
    }
    let x = (absolute / 100.0).log2();
    25.0 * ((1.0 + x.powi(6)).powf(1.0 / 6.0) - 3.0 * (1.0 + (x / 3.0).powi(6)).powf(1.0 / 6.0)
        + 2.0)
}

/// MOS of a rating (annex B of G.107).
pub fn mos(rating: f64) -> f64 {
    if rating <= 0.0 {
        1.0
    } else if rating >= 100.0 {
        4.5
    } else {
        (1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6).max(1.0)
    }
}

/// The two figures of one direction of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    pub r: f64,
    pub mos: f64,
}

/// Rates a G.711 or G.722 stream with concealment from what a receiver measured.
///
/// Bpl is 25.1 for G.711 with packet-loss concealment (G.113 table I.4). G.722 at 64 kbit/s is rated
/// on the same narrow-band scale: the figures say what the network did, not how wide the band was.
pub fn of_call(one_way_ms: f64, loss_pct: f64) -> Quality {
    let parameters = Parameters {
        one_way: one_way_ms,
        absolute: one_way_ms,
        round_trip: 2.0 * one_way_ms,
        loss_pct,
        robustness: 25.1,
        ..Parameters::default()
    };
    let r = parameters.rating().clamp(0.0, 100.0);
    Quality { r, mos: mos(r) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_connection_is_rated_93_2() {
        let rating = Parameters::default().rating();
        assert!((rating - 93.2).abs() < 0.05, "{rating}");
        assert!((mos(rating) - 4.41).abs() < 0.005, "{}", mos(rating));
    }

    #[test]
    fn ratings_become_the_mos_of_table_b_1() {
        for (rating, expected) in
            [(90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)]
        {
            assert!((mos(rating) - expected).abs() < 0.01, "{rating}: {}", mos(rating));
        }
        assert_eq!((mos(-5.0), mos(0.0), mos(120.0)), (1.0, 1.0, 4.5));
    }

    #[test]
    fn absolute_delay_costs_nothing_up_to_100_ms_and_much_past_400() {
        assert_eq!(absolute_delay(100.0), 0.0);
        assert!(absolute_delay(150.0) < 2.0);
        // G.107 by equation 7-27: about 24 points at 400 ms.
        assert!((20.0..28.0).contains(&absolute_delay(400.0)), "{}", absolute_delay(400.0));
    }

    #[test]
    fn loss_costs_what_equation_7_29_says() {
        let base = of_call(20.0, 0.0).r;
        let lossy = of_call(20.0, 5.0).r;
        assert!((base - lossy - 95.0 * 5.0 / 30.1).abs() < 1e-9);
    }

    #[test]
    fn more_loss_or_delay_is_never_better() {
        for step in 0..100 {
            let (a, b) = (f64::from(step), f64::from(step + 1));
            assert!(of_call(20.0, a).mos >= of_call(20.0, b).mos);
            assert!(of_call(10.0 * a, 1.0).r >= of_call(10.0 * b, 1.0).r - 0.2);
        }
    }
}
