from libc.stdint cimport uint32_t


cdef extern from "lg_schedule.h" nogil:
    struct lg_point:
        double at_s
        double level

    struct lg_schedule:
        const lg_point *points
        uint32_t count

    int lg_schedule_check(const lg_schedule *s) noexcept
    double lg_schedule_level(const lg_schedule *s, double at_s) noexcept
    double lg_schedule_area(const lg_schedule *s, double at_s) noexcept
    double lg_schedule_time_of_area(const lg_schedule *s, double area) noexcept
    double lg_schedule_next_at_least(
        const lg_schedule *s, double level, double from_s
    ) noexcept
